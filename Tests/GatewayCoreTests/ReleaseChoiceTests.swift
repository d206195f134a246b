import Domain
import Testing

@testable import GatewayCore

@Suite("The release that answers")
struct ReleaseChoiceTests {
    let first = ReleaseReference(name: "a", manifestSHA256: [1, 2, 3, 4, 5, 6, 7, 8])
    let second = ReleaseReference(name: "b", manifestSHA256: [9, 2, 3, 4, 5, 6, 7, 8])

    @Test("is the active one, wherever it stands")
    func active() {
        let choice = ReleaseChoice.answering(active: second, loaded: [first, second])
        #expect(choice == ReleaseChoice(index: 1, isSubstitute: false))
    }

    @Test("is the first, as a substitute, when the active one is not loaded")
    func notLoaded() {
        let choice = ReleaseChoice.answering(active: second, loaded: [first])
        #expect(choice == ReleaseChoice(index: 0, isSubstitute: true))
    }

    @Test("is no other manifest of the same name")
    func otherManifest() {
        let other = ReleaseReference(name: "a", manifestSHA256: [7, 7, 7, 7, 7, 7, 7, 7])
        #expect(ReleaseChoice.answering(active: other, loaded: [first]).isSubstitute)
    }

    @Test("is the first when none is active")
    func none() {
        let choice = ReleaseChoice.answering(active: nil, loaded: [first, second])
        #expect(choice == ReleaseChoice(index: 0, isSubstitute: false))
    }
}
