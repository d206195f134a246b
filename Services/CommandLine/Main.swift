import ArgumentParser
import ServiceKit

/// The command line of llara: what backends do by calls, for people and scripts.
@main
struct LlaraCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llara",
        abstract: "Recommendations by hybrid prompt, from the command line.",
        discussion: """
            EXAMPLES
              llara recommend --user 42 --count 10 --history
              llara recommend --user 42 --filter 'year>=1990' --stream
              llara recommend --sequence 50,172 --candidates 1,7,181 --json
              llara item list --search "star wars"
              llara item patch 2001 --attribute genres=drama --hide
              llara user append 42 50 --rating 5
              llara release activate movielens-100k
              llara import items films.csv --id-column id --title-column name
              llara rank "The sequel of the film Alien is" Aliens Fargo
              llara health
              llara inspect 127.0.0.1:7403
              llara call Gateway/Recommend user_id=42 count=5

            The gateway's address is --gateway, else LLARA_GATEWAY, else 127.0.0.1:7400.
            Completion: llara --generate-completion-script bash, zsh or fish.

            EXIT STATUS
              0   done
              64  wrong usage
              65  the data or the request is wrong; repeating does not help
              66  what was asked for does not exist
              69  a service or the database cannot be reached, or is not serving
              70  a defect of llara
              75  try again later: deadline passed, overload, conflict
              77  not permitted
            """,
        version: BuildInformation.version,
        subcommands: [
            RecommendCommand.self, ItemCommand.self, UserCommand.self, ReleaseCommand.self,
            HealthCommand.self, InspectCommand.self, ReplayCommand.self,
            RankCommand.self, GenerateCommand.self,
            CallCommand.self,
            ImportCommand.self, EvaluateCommand.self,
        ])
}
