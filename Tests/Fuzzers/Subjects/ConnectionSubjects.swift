import RPC

extension FuzzSubject {
    /// What a client sends a server: decoder, windows, calls; the first byte is the size of pieces.
    static let server = connection(.server)

    /// What a server sends a client.
    static let client = connection(.client)

    private static func connection(_ side: ConnectionTrial.Side) -> FuzzSubject {
        FuzzSubject(name: side.rawValue) { bytes in
            guard let piece = bytes.first else { return }
            var trial = ConnectionTrial(side)
            do {
                try trial.receive(Array(bytes.dropFirst()), pieceBytes: Int(piece) * 16)
            } catch let finding as ConnectionTrial.Finding {
                throw FuzzFinding(description: finding.description)
            }
        }
    }
}
