import Testing

@testable import XMPP

/// What a file service says, and what it may not say.
@Suite struct HTTPUploadTests {
    private func slot(put: String, get: String, headers: [(String, String)] = []) -> Element {
        let put = Element(
            "put", HTTPUpload.namespace, attributes: [("url", put)],
            children: headers.map { Element("header", HTTPUpload.namespace, attributes: [("name", $0.0)], text: $0.1) })
        return Element(
            "iq", Namespace.client,
            children: [
                Element(
                    "slot", HTTPUpload.namespace,
                    children: [put, Element("get", HTTPUpload.namespace, attributes: [("url", get)])])
            ])
    }

    @Test func aSlotIsRead() throws {
        let read = try #require(
            HTTPUpload.slot(
                slot(
                    put: "https://u.example/put", get: "https://u.example/get",
                    headers: [("Authorization", "Bearer a\nHost: evil"), ("X-Other", "b"), ("cookie", "c=d")])))
        #expect(read.put == "https://u.example/put" && read.get == "https://u.example/get")
        #expect(read.headers == ["Authorization: Bearer aHost: evil", "cookie: c=d"], "no other header, no line end")
    }

    @Test(arguments: [
        ("http://u.example/put", "https://u.example/get"), ("https://u.example/put", "http://u.example/get"),
        ("https://u.example/put", "https://u.example/get#00"), ("https://u.example/p ut", "https://u.example/get"),
        ("file:///etc", "https://u.example/get"), ("", ""),
    ])
    func whatIsNoSlotIsNone(put: String, get: String) { #expect(HTTPUpload.slot(slot(put: put, get: get)) == nil) }

    @Test func aServiceSaysHowMuchItTakes() throws {
        let field = Element(
            "field", Namespace.dataForms, attributes: [("var", "max-file-size")],
            children: [Element("value", Namespace.dataForms, text: "5242880")])
        let query = Element(
            "query", Namespace.discoInfo,
            children: [
                Element("feature", Namespace.discoInfo, attributes: [("var", HTTPUpload.namespace)]),
                Element("x", Namespace.dataForms, children: [field]),
            ])
        let address = try JID("upload.example.org")
        let service = HTTPUpload.service(at: address, Element("iq", Namespace.client, children: [query]))
        #expect(service == HTTPUpload.Service(address: address, limit: 5_242_880))
        #expect(HTTPUpload.service(at: address, Element("iq", Namespace.client)) == nil)
    }
}
