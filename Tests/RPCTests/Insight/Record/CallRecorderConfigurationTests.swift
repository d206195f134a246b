import Testing

@testable import RPC

@Suite("Settings of a recorder")
struct CallRecorderConfigurationTests {
    private func message(_ change: (inout CallRecorderConfiguration) -> Void) -> String? {
        var configuration = CallRecorderConfiguration(path: "/x")
        change(&configuration)
        do {
            try configuration.validate()
            return nil
        } catch {
            return error.code == .invalidArgument ? error.message : "\(error.code)"
        }
    }

    @Test("have ranges, and the one that is broken is named")
    func ranges() {
        #expect(message { _ in } == nil)
        #expect(message { $0.share = 0 } == nil && message { $0.share = 1 } == nil)
        #expect(message { $0.share = 1.01 }?.hasPrefix("recorder.share is 1.01") == true)
        #expect(message { $0.share = .nan }?.hasPrefix("recorder.share") == true)
        #expect(message { $0.callsPerSecond = 0 }?.hasPrefix("recorder.callsPerSecond") == true)
        #expect(message { $0.fileBytes = 4096 } == nil)
        #expect(message { $0.fileBytes = 4095 }?.hasPrefix("recorder.fileBytes") == true)
        let largest = CallRecords.maximumFileBytes
        #expect(message { $0.fileBytes = largest } == nil)
        #expect(message { $0.fileBytes = largest + 1 }?.hasPrefix("recorder.fileBytes") == true)
        #expect(message { $0.callBytes = 0 }?.hasPrefix("recorder.callBytes") == true)
        #expect(message { $0.heldBytes = 0 }?.hasPrefix("recorder.heldBytes") == true)
    }

    @Test("keep no secret: no token whatever they say, nothing binary, none of the keys named")
    func secrets() {
        var configuration = CallRecorderConfiguration(path: "/x")
        configuration.omittedMetadata = ["x-user"]
        var metadata = Metadata()
        metadata.add(text: "Bearer abc", for: "authorization")
        metadata.add(text: "4711", for: "x-user")
        metadata.add(binary: [1], for: "x-key-bin")
        metadata.add(text: "a", for: "x-kept")
        let kept = configuration.kept(metadata)
        #expect(kept.entries.map(\.key) == ["x-kept"])
    }
}
