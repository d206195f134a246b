import ArgumentParser
import Testing

@testable import llara_train

@Suite("The command llara-train sequential")
struct SequentialCommandTests {
    private func parse(_ options: [String]) throws -> SequentialCommand {
        try SequentialCommand.parse(
            ["--data", "d", "--split", "users", "--output", "o"] + options)
    }

    @Test("options change the recipe that they name")
    func options() throws {
        let command = try parse(["--recipe", "llara", "--epochs", "7", "--dropout", "0.25"])
        #expect(command.hyperParameters.name == "llara")
        #expect(command.hyperParameters.epochs == 7)
        #expect(command.hyperParameters.dropout == 0.25)
        #expect(try parse([]).hyperParameters == Recipe.standard)
    }

    @Test(
        "values out of range are refused, those at the limits taken",
        arguments: [
            (["--epochs", "0"], false), (["--epochs", "10000"], true),
            (["--epochs", "10001"], false), (["--dropout", "1"], false),
            (["--dropout", "0"], true), (["--learning-rate", "0"], false),
            (["--shortening", "1"], true), (["--shortening", "1.1"], false),
            (["--heads", "3"], false), (["--heads", "64"], true), (["--batch", "4097"], false),
            (["--batch", "4096"], true), (["--threads", "0"], false), (["--blocks", "33"], false),
            (["--patience", "0"], false), (["--split", "time"], false),
            (["--recipe", "best"], false),
        ])
    func ranges(_ options: [String], _ valid: Bool) {
        let parsed = try? parse(options)
        #expect((parsed != nil) == valid)
    }
}
