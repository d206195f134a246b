import Domain
import Testing

@testable import GatewayCore

@Suite("A composed prompt")
struct PromptComposerTests {
    let template = PromptTemplate(
        beforeHistory: "Watched: ", beforeCandidates: ". Choose: ", afterCandidates: ". Answer:")
    let alien = PromptItem(id: "1", title: "Alien", hasBehaviouralToken: true)
    let brazil = PromptItem(id: "2", title: "Brazil", hasBehaviouralToken: true)
    let fresh = PromptItem(id: "9", title: "New One", hasBehaviouralToken: false)

    func compose(_ representation: Representation, candidates: [PromptItem]) -> [PromptPiece] {
        PromptComposer(template: template, representation: representation)
            .compose(history: [alien], candidates: candidates)
    }

    @Test("in text representation is one piece of titles")
    func text() {
        #expect(
            compose(.text, candidates: [brazil, fresh])
                == [.text("Watched: Alien. Choose: Brazil, New One. Answer:")])
    }

    @Test("in hybrid representation has one behavioural token after each title")
    func hybrid() {
        #expect(
            compose(.hybrid, candidates: [brazil]) == [
                .text("Watched: Alien"), .behaviouralToken(itemID: "1"),
                .text(". Choose: Brazil"), .behaviouralToken(itemID: "2"), .text(". Answer:"),
            ])
    }

    @Test("shows an item without a row by its title alone")
    func itemWithoutRow() {
        #expect(
            compose(.hybrid, candidates: [fresh]).last == .text(". Choose: New One. Answer:"))
        #expect(
            compose(.behavioural, candidates: [fresh]) == [
                .text("Watched: "), .behaviouralToken(itemID: "1"),
                .text(". Choose: New One. Answer:"),
            ])
    }

    @Test("has the user's state right after the history, and in no prompt of text alone")
    func userState() {
        let compose = { (representation: Representation, history: [PromptItem]) in
            PromptComposer(template: self.template, representation: representation)
                .compose(history: history, candidates: [self.brazil], hasUserState: true)
        }
        #expect(
            compose(.hybrid, [alien, fresh]) == [
                .text("Watched: Alien"), .behaviouralToken(itemID: "1"), .text(", New One"),
                .userState, .text(". Choose: Brazil"), .behaviouralToken(itemID: "2"),
                .text(". Answer:"),
            ])
        #expect(
            compose(.behavioural, [alien]).prefix(3) == [
                .text("Watched: "), .behaviouralToken(itemID: "1"), .userState,
            ])
        // History items may have left the catalog; the state is still the user's.
        #expect(compose(.hybrid, []).prefix(2) == [.text("Watched: "), .userState])
        for representation in [Representation.text, .index] {
            #expect(compose(representation, [alien]).count == 1)
        }
    }

    @Test("in index representation numbers history and candidates in one row")
    func index() {
        let composer = PromptComposer(template: template, representation: .index)
        #expect(
            composer.compose(history: [alien], candidates: [brazil, fresh])
                == [.text("Watched: 1. Choose: 2, 3. Answer:")])
        #expect(composer.answer(for: fresh, position: 3) == " 3\n")
    }

    @Test("is answered by a blank, the title and a newline")
    func answer() {
        let composer = PromptComposer(template: template, representation: .hybrid)
        #expect(composer.answer(for: brazil, position: 2) == " Brazil\n")
    }

    @Test("has three templates in each of LLaRA's domains", arguments: ["movie", "game", "artist"])
    func templates(domain: String) throws {
        let templates = try #require(PromptTemplate.templates(domain: domain))
        #expect(Set(templates).count == 3)
        for template in templates { #expect(template.afterCandidates.hasSuffix(":")) }
    }

    @Test("has no template in a domain nobody wrote one for")
    func unknownDomain() {
        #expect(PromptTemplate.templates(domain: "cheese") == nil)
    }
}
