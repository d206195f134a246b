public import ArgumentParser
import DataSets
public import Domain
import Foundation
import TrainingCore
import Wire

extension ItemDomain: ExpressibleByArgument {}

extension ImportCommand {
    /// The layouts that become a data folder.
    enum Layout: String, ExpressibleByArgument, CaseIterable {
        /// An item file and an interaction file with named columns.
        case columns
        /// LLaRA's published one.
        case llara
    }

    struct Dataset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a data folder, to train, evaluate and import, from files.",
            discussion: """
                Rows that cannot be used are passed over, counted and named with file, line and \
                reason; exit status 65 when there was one. The folder appears complete or not at \
                all. Then: "llara-train sequential --data DIR", "llara evaluate --data DIR" and \
                "llara import catalog DIR".

                With --format llara, DIR holds items.tsv (item_id, title), train.tsv (user_id, \
                item_ids), val.tsv and test.tsv (history_item_ids, target_item_id); train with \
                --split published. LLaRA's pickles are not read: unpickling runs whatever code a \
                file holds.

                EXAMPLES
                  llara import dataset --items books.csv --interactions loans.csv \\
                    --id-column isbn --user-column reader --item-column isbn --time-column day \\
                    --output data/books
                  llara import dataset --items movies.csv --interactions ratings.csv \\
                    --id-column movieId --user-column userId --item-column movieId \\
                    --time-column timestamp --movie-titles --domain movie --minimum-rating 3 \\
                    --output data/movielens-25m
                  llara import dataset --format llara lastfm --domain artist --output data/lastfm
                """)

        @Argument(
            help: "With --format llara, the folder in LLaRA's layout.", completion: .directory)
        var directory: String?
        @Option(help: "columns or llara.") var format: Layout = .columns
        @Option(help: "TSV or CSV file of the items.", completion: .file()) var items: String?
        @Option(help: "TSV or CSV file of the interactions.", completion: .file())
        var interactions: String?
        @Option(help: "Data folder to write; it must not exist.", completion: .directory)
        var output: String
        @Option(help: "What the items are; it decides the prompts' words.")
        var domain: ItemDomain = .item
        @Option(help: "What stands between two fields (default: comma for .csv, else tab).")
        var separator: SeparatorArgument?
        @Flag(help: "The first lines are rows; columns are named 1, 2, ….") var noHeader = false
        @OptionGroup(title: "Columns") var columns: DatasetColumns
        @Option(help: "Least rating that the split \"users\" keeps (default: all count).")
        var minimumRating: Float?
        @Flag(help: "Check everything, write nothing.") var dryRun = false
        @Option(
            help: "File for the rows that are not used: file, line, tab, reason.",
            completion: .file())
        var rejects: String?
        @Option(help: "Rejected rows that end the import when there is one more.")
        var maximumRejects = 10_000
        @Flag(help: "Print one JSON object and nothing else on standard output.")
        var json = false

        func validate() throws {
            if maximumRejects < 0 { throw ValidationError("--maximum-rejects takes 0 or more.") }
            switch format {
            case .columns where items == nil || interactions == nil || directory != nil:
                throw ValidationError(
                    "Give --items FILE and --interactions FILE, or --format llara and a folder.")
            case .llara where directory == nil || items != nil || interactions != nil:
                throw ValidationError(
                    "--format llara takes one folder, no --items and no --interactions.")
            default: break
            }
        }

        func run() async throws {
            try await reporting {
                guard !FileManager.default.fileExists(atPath: output) else {
                    throw DataError(
                        source: output, message: "exists", advice: "remove it, or another --output")
                }
                var conversion = DataConversion(maximumRejections: maximumRejects)
                let bar = ProgressDisplay("reading", total: nil)
                let folder: DataFolder
                do {
                    folder = try read(&conversion) { bar.update($0, rows: $1) }
                } catch {
                    _ = bar.finish()
                    try write(conversion.rejections)
                    throw error
                }
                _ = bar.finish()
                try write(conversion.rejections)
                if !dryRun { try folder.write(to: output) }
                let summary = DatasetRendering(
                    folder, rejected: conversion.rejections.list.count,
                    dropped: conversion.droppedInteractions,
                    output: dryRun ? nil : output)
                Console.answer(json ? summary.json.text() : summary.text(in: Console.terminal))
                guard !conversion.rejections.list.isEmpty else { return }
                Console.notice(
                    DatasetRendering.text(of: conversion.rejections, file: rejects))
                throw ExitCode(CommandError.Status.badData.rawValue)
            }
        }

        private func read(
            _ conversion: inout DataConversion, progress: @escaping (Int, Int) -> Void
        ) throws -> DataFolder {
            conversion.onProgress = progress
            let name = URL(fileURLWithPath: output).lastPathComponent
            let description = DataDescription(
                domain: domain.rawValue, minimumRating: minimumRating)
            if let directory {
                return try conversion.publishedFolder(
                    name: name, description: description, directory: directory)
            }
            return try conversion.folder(
                name: name, description: description, items: file(items),
                itemColumns: columns.items, interactions: file(interactions),
                interactionColumns: columns.interactions)
        }

        private func file(_ path: String?) -> (path: String, format: DelimitedFormat) {
            let path = path ?? ""
            let fallback: SeparatorArgument = path.hasSuffix(".csv") ? .comma : .tab
            return (
                path,
                DelimitedFormat(
                    separator: (separator ?? fallback).separator, hasHeader: !noHeader)
            )
        }

        /// Writes every rejected row: file and line, tab, reason.
        private func write(_ rejections: Rejections) throws {
            guard let rejects else { return }
            let text = rejections.list.map { row in
                "\(row.source):\(row.line ?? 0)\t\(row.message)\n"
            }.joined()
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: rejects))
            } catch {
                throw DataError(
                    source: rejects, message: "cannot be written",
                    advice: "check the path and its permissions")
            }
        }
    }
}

/// Which columns hold what.
struct DatasetColumns: ParsableArguments {
    @Option(help: "Column of the item's id in the item file.") var idColumn = "id"
    @Option(help: "Column of the title.") var titleColumn = "title"
    @Option(help: "Column of the year (default: year, if there is one).") var yearColumn: String?
    @Option(help: "Attribute KEY=COLUMN; may be repeated (default: every other column).")
    var attributeColumn: [PairArgument] = []
    @Flag(help: "Titles are as in \"Lion King, The (1994)\": article first, year apart.")
    var movieTitles = false
    @Option(help: "Column of the user's id.") var userColumn = "user"
    @Option(help: "Column of the item's id in the interaction file.") var itemColumn = "item"
    @Option(help: "Column of the rating (default: rating, if there is one).")
    var ratingColumn: String?
    @Option(
        help: """
            Column of the time in Unix seconds (default: time, if there is one; else rows stand \
            in the order of time).
            """)
    var timeColumn: String?
    @Option(
        help: """
            Column of the user's part: train, validation or test (default: part, if there is \
            one).
            """)
    var partColumn: String?

    /// The mapping of an item file with these columns.
    func items(in header: [String]) -> DataItem.Columns {
        DataItem.Columns(
            id: idColumn, title: titleColumn,
            year: yearColumn ?? (header.contains("year") ? "year" : nil),
            attributes: attributeColumn.isEmpty
                ? nil : attributeColumn.map { .init(key: $0.key, value: $0.value) },
            hasMovieTitles: movieTitles)
    }

    /// The mapping of an interaction file with these columns.
    func interactions(in header: [String]) -> Interaction.Columns {
        func named(_ option: String?, _ fallback: String) -> String? {
            option ?? (header.contains(fallback) ? fallback : nil)
        }
        return Interaction.Columns(
            user: userColumn, item: itemColumn, rating: named(ratingColumn, "rating"),
            time: named(timeColumn, "time"), part: named(partColumn, "part"))
    }
}
