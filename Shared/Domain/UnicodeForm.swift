@_spi(_Unicode) import Swift

/// The form that the characters of an id have where it is created: Unicode's normalisation form C.
///
/// The database tells ids apart by their bytes, Swift by their characters: with one form for each
/// character both agree, and no item can stand in for another of the same look.
public enum UnicodeForm {
    /// What an error says of an id that has another form.
    public static let problem = "is not in Unicode normalisation form C; compose its characters"

    /// Whether `text` is in the form.
    public static func isComposed(_ text: String) -> Bool {
        // The standard library's normalisation, which Foundation uses too, has no public name.
        text.utf8.allSatisfy { $0 < 0x80 } || text.unicodeScalars.elementsEqual(text._nfc)
    }
}
