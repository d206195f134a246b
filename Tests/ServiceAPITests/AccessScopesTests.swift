import RPC
import Testing
import Wire

@testable import ServiceAPI

@Suite("Scopes of methods")
struct AccessScopesTests {
    @Test("every method of the gateway has a scope of its own, of the other services one together")
    func complete() {
        let methods = ServiceSchema.all.flatMap { service in
            service.methods.map { RPCMethod(service: service.name, name: $0.name) }
        }
        #expect(!methods.isEmpty)
        for method in methods {
            let isNamed =
                AccessScopes.methods[method] != nil || AccessScopes.services[method.service] != nil
            #expect(isNamed, "\(method)")
        }
    }
}
