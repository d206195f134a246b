import ArgumentParser
import GGML
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
        #expect(try parse([]).hyperParameters == Recipe.standard(.sasrec))
    }

    @Test("every network has both recipes, and their numbers go into the record")
    func recipes() throws {
        for model in SequentialConfiguration.Architecture.allCases {
            for recipe in ["default", "llara"] {
                let chosen = try parse(["--model", model.rawValue, "--recipe", recipe])
                    .hyperParameters
                #expect(chosen.record["model"] == model.rawValue)
                #expect(chosen.record["name"] == recipe)
                #expect(chosen.record["window"] == "\(chosen.window)")
            }
        }
        let sasrec = try parse(["--blocks", "3", "--heads", "4", "--embedding-scale", "8"])
            .hyperParameters.record
        #expect(
            [sasrec["blocks"], sasrec["heads"], sasrec["embedding_scale"]] == ["3", "4", "8.0"])
    }

    @Test("a checkpoint is of the same threads and the same torch, whatever the epochs")
    func identity() throws {
        func identity(_ options: [String], torch: String = "2.8") throws -> String {
            let command = try parse(options)
            return command.identity(command.hyperParameters, [1, 2], torch: torch)
        }
        let one = try identity(["--threads", "2"])
        #expect(try identity(["--threads", "2", "--epochs", "3"]) == one)
        #expect(try identity(["--threads", "4"]) != one)
        #expect(try identity(["--threads", "2"], torch: "2.9") != one)
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
            (["--recipe", "best"], false), (["--split", "published"], true),
            (["--model", "transformer"], false), (["--window", "0"], false),
            (["--window", "1"], true), (["--window", "1024"], true),
            (["--window", "1025"], false), (["--model", "caser", "--window", "4"], true),
            (["--model", "caser", "--window", "3"], false),
            (["--model", "gru4rec", "--blocks", "1"], false),
            (["--model", "caser", "--heads", "1"], false),
        ])
    func ranges(_ options: [String], _ valid: Bool) {
        let parsed = try? parse(options)
        #expect((parsed != nil) == valid)
    }
}
