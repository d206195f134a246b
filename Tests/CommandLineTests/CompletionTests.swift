import Foundation
import Testing

@Suite("Shell completion")
struct CompletionTests {
    private func script(_ shell: String) async throws -> String {
        let run = try await llara(["--generate-completion-script", shell])
        #expect(run.status == 0)
        return run.output
    }

    @Test(
        "every shell's script knows the commands, and completes files and values",
        arguments: [
            "bash", "zsh", "fish",
        ])
    func scripts(_ shell: String) async throws {
        let script = try await script(shell)
        for word in [
            "recommend", "generate", "changes", "rollback", "hybrid", "hidden",
            "Gateway/RecommendStream",
        ] {
            #expect(script.contains(word), "\(word)")
        }
    }

    /// What bash offers for the last word of a command line.
    private func completions(_ words: [String]) async throws -> [String] {
        let script = try await script("bash")
        return try await withTemporaryFolder { folder in
            let file = folder.appending(path: "completion.bash")
            try Data(script.utf8).write(to: file)
            try Data().write(to: folder.appending(path: "items.jsonl"))
            let process = Process()
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments =
                [
                    "--norc", "-c",
                    """
                    set -e
                    source "$1"
                    shift
                    complete -p llara > /dev/null
                    COMP_WORDS=("$@")
                    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                    COMP_LINE="$*"
                    COMP_POINT=${#COMP_LINE}
                    cd "$(dirname "$0")"
                    _llara llara "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" || true
                    printf '%s\\n' "${COMPREPLY[@]}" > "$0"
                    """, folder.appending(path: "reply").path, file.path,
                ] + words
            #expect(try await process.runToEnd() == 0)
            let reply = try Data(contentsOf: folder.appending(path: "reply"))
            return String(decoding: reply, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    @Test("bash sources the script and completes commands, values and files")
    func bash() async throws {
        #expect(try await completions(["llara", "rec"]) == ["recommend"])
        #expect(try await completions(["llara", "item", "li"]) == ["list"])
        #expect(
            try await completions(["llara", "recommend", "--representation", ""])
                == ["text", "behavioural", "hybrid", "index"])
        #expect(try await completions(["llara", "item", "list", "--state", "h"]) == ["hidden"])
        #expect(
            try await completions(["llara", "item", "upsert", "--from", "it"]) == ["items.jsonl"])
        #expect(try await completions(["llara", "call", "Health/W"]) == ["Health/Watch"])
    }
}
