internal import Domain
internal import Foundation
internal import RPC
internal import Releases
internal import ServiceAPI

/// Files of bearer tokens: digests where they are checked, the token itself where it is sent.
public enum TokenFiles {
    /// Largest file that is read.
    static let maximumBytes = 1 << 20

    private struct Digests: Decodable {
        struct Token: Decodable {
            let name: String
            let sha256: String
            let scopes: [String]
        }

        let tokens: [Token]
    }

    /// What checks calls against a file of digests:
    /// `{"tokens": [{"name": "shop", "sha256": "<64 hexadecimal digits>", "scopes": ["inference"]}]}`.
    ///
    /// - Throws: ``SettingError`` naming the file and the token that cannot be used.
    static func interceptor(file path: String) throws(SettingError) -> TokenInterceptor {
        let key = "tokens"
        let digests: Digests
        do {
            digests = try JSONDecoder().decode(Digests.self, from: try read(path, key))
        } catch let error as SettingError {
            throw error
        } catch {
            throw SettingError(
                key: key,
                message: "\(path) is not {\"tokens\": [{\"name\": …, \"sha256\": …, \"scopes\": "
                    + "[…]}]}: \(error)")
        }
        var tokens: [BearerToken] = []
        for token in digests.tokens { tokens.append(try convert(token, key)) }
        do {
            return try TokenInterceptor(
                tokens, services: AccessScopes.services, methods: AccessScopes.methods,
                sha256: { Releases.sha256(of: $0) })
        } catch {
            throw SettingError(
                key: key, message: "\(path): \((error as? RPCError)?.message ?? "\(error)")")
        }
    }

    private static func convert(
        _ token: Digests.Token, _ key: String
    ) throws(SettingError) -> BearerToken {
        guard let digest = [UInt8](hexadecimal: token.sha256) else {
            throw SettingError(
                key: key, message: "token \(token.name): sha256 is no hexadecimal digits")
        }
        var scopes: Set<AccessScope> = []
        for name in token.scopes {
            guard let scope = AccessScope(rawValue: name) else {
                throw SettingError(
                    key: key,
                    message: "token \(token.name): '\(name)' is none of "
                        + AccessScope.allCases.map(\.rawValue).joined(separator: ", "))
            }
            scopes.insert(scope)
        }
        return BearerToken(name: token.name, sha256: digest, scopes: scopes)
    }

    /// The token in a file, without the blanks around it.
    ///
    /// - Throws: ``SettingError`` for a file without one, or with what cannot be one.
    public static func token(file path: String, key: String) throws(SettingError) -> String {
        let text = String(decoding: try read(path, key), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard BearerToken.isToken(text) else {
            throw SettingError(
                key: key,
                message: "\(path) does not hold one token of 1 to \(BearerToken.maximumBytes) "
                    + "characters A-Z a-z 0-9 - . _ ~ + / =")
        }
        return text
    }

    private static func read(_ path: String, _ key: String) throws(SettingError) -> Data {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: maximumBytes + 1) ?? Data()
        } catch {
            throw SettingError(key: key, message: "cannot read the file \(path): \(error)")
        }
        guard data.count <= maximumBytes else {
            throw SettingError(key: key, message: "\(path) has more than \(maximumBytes) bytes")
        }
        return data
    }
}
