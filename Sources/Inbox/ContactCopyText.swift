import Foundation

/// The words around a person's texts, so that they can be in the person's language.
public struct ContactCopyWords: Sendable {
    public var title = "What the helpline keeps about you"
    public var madeAt = "Copy made"
    public var knownSince = "Known since"
    public var addresses = "Addresses"
    public var you = "You"
    public var bot = "Automatic answer"
    public var helpline = "Helpline"
    public var missing = "Not readable"
    /// An HTML language tag.
    public var language = "en"
    public var isRightToLeft = false

    public init() {}

    func name(_ from: String) -> String {
        switch from {
        case "you": you
        case "bot": bot
        default: helpline
        }
    }
}

extension ContactCopy {
    /// A page for a browser: no script, nothing is loaded from anywhere.
    public func html(_ words: ContactCopyWords = .init()) -> String {
        var page = """
            <!DOCTYPE html>
            <html lang="\(Self.html(words.language))" dir="\(words.isRightToLeft ? "rtl" : "ltr")">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width">
            <title>\(Self.html(words.title))</title>
            <style>body{max-width:42em;margin:2em auto;font-family:sans-serif}article{margin:1em 0}pre{white-space:pre-wrap;font:inherit;margin:.2em 0}small{color:#555}</style>
            </head>
            <body>
            <h1>\(Self.html(words.title))</h1>
            <p>\(Self.html(words.madeAt)): \(Self.html(madeAt))<br>\(Self.html(words.knownSince)): \(Self.html(knownSince))</p>
            <h2>\(Self.html(words.addresses))</h2>
            <ul>

            """
        for address in addresses { page += "<li dir=\"auto\">\(Self.html(address))</li>\n" }
        page += "</ul>\n"
        for entry in entries {
            let text = entry.missing.isEmpty ? entry.text : "(\(words.missing): \(entry.missing))"
            page +=
                "<article><small>\(Self.html(entry.at)) \(Self.html(words.name(entry.from)))"
                + (entry.kind == "message" ? "" : " (\(Self.html(entry.kind)))")
                + "</small><pre dir=\"auto\">\(Self.html(text))</pre></article>\n"
        }
        return page + "</body>\n</html>\n"
    }

    /// Text that can be read as it is, and that Markdown shows as it is.
    public func markdown(_ words: ContactCopyWords = .init()) -> String {
        var page = "# \(words.title)\n\n- \(words.madeAt): \(madeAt)\n- \(words.knownSince): \(knownSince)\n"
        page += "\n## \(words.addresses)\n\n"
        for address in addresses { page += "- \(Self.markdown(address))\n" }
        for entry in entries {
            page += "\n**\(entry.at) \(words.name(entry.from))**"
            if entry.kind != "message" { page += " (\(entry.kind))" }
            page += "\n\n"
            let text = entry.missing.isEmpty ? entry.text : "(\(words.missing): \(entry.missing))"
            for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
                // Two spaces: the next line stays a line of its own.
                page += "> \(Self.markdown(String(line)))  \n"
            }
        }
        return page
    }

    /// Without control characters, escaped for HTML.
    private static func html(_ text: String) -> String {
        // Scalars, not characters: a combining mark behind a sign would hide it.
        clean(text).unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// Without control characters, and with a backslash before what Markdown would take for a sign.
    private static func markdown(_ text: String) -> String {
        clean(text).unicodeScalars.reduce(into: "") { result, scalar in
            if "\\`*_{}[]()#+-.!|<>~&".unicodeScalars.contains(scalar) { result.append("\\") }
            result.unicodeScalars.append(scalar)
        }
    }

    /// A copy may be shown by a terminal: no escape sequence of the text reaches it. Line ends and tabs stay.
    private static func clean(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            if !isControl || scalar == "\n" || scalar == "\t" { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
