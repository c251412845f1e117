/// Namespaces on the wire.
public enum Namespace {
    /// Stanzas between client and server (RFC 6120 §4.8.3).
    public static let client = "jabber:client"
    /// The stream itself (RFC 6120 §4.8.1).
    public static let stream = "http://etherx.jabber.org/streams"
    /// Stream error conditions (RFC 6120 §4.9).
    public static let streamErrors = "urn:ietf:params:xml:ns:xmpp-streams"
    /// Stanza error conditions (RFC 6120 §8.3).
    public static let stanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas"
    /// RFC 6120 §6.
    public static let sasl = "urn:ietf:params:xml:ns:xmpp-sasl"
    /// RFC 6120 §7.
    public static let bind = "urn:ietf:params:xml:ns:xmpp-bind"
    /// XEP-0198.
    public static let streamManagement = "urn:xmpp:sm:3"
    /// XEP-0199.
    public static let ping = "urn:xmpp:ping"
    /// XEP-0030.
    public static let discoInfo = "http://jabber.org/protocol/disco#info"
    /// XEP-0060.
    public static let pubsub = "http://jabber.org/protocol/pubsub"
    public static let pubsubEvent = "http://jabber.org/protocol/pubsub#event"
    public static let pubsubOwner = "http://jabber.org/protocol/pubsub#owner"
    public static let pubsubPublishOptions = "http://jabber.org/protocol/pubsub#publish-options"
    /// XEP-0004.
    public static let dataForms = "jabber:x:data"
    /// XEP-0313.
    public static let archive = "urn:xmpp:mam:2"
    /// XEP-0059.
    public static let resultSet = "http://jabber.org/protocol/rsm"
    /// XEP-0297.
    public static let forward = "urn:xmpp:forward:0"
    /// XEP-0203.
    public static let delay = "urn:xmpp:delay"
    /// XEP-0359.
    public static let stanzaIDs = "urn:xmpp:sid:0"
    /// XEP-0184.
    public static let receipts = "urn:xmpp:receipts"
    /// XEP-0280.
    public static let carbons = "urn:xmpp:carbons:2"
    /// XEP-0334.
    public static let hints = "urn:xmpp:hints"
    /// XEP-0380.
    public static let encryption = "urn:xmpp:eme:0"
    /// XEP-0066 §3.
    public static let outOfBand = "jabber:x:oob"
    /// XEP-0085.
    public static let chatStates = "http://jabber.org/protocol/chatstates"
    /// XEP-0308.
    public static let correction = "urn:xmpp:message-correct:0"
    /// XEP-0424, and as version 0.2 had it, in the envelope of XEP-0422.
    public static let retraction = "urn:xmpp:message-retract:1"
    public static let oldRetraction = "urn:xmpp:message-retract:0"
    public static let fastening = "urn:xmpp:fasten:0"
    /// XEP-0444.
    public static let reactions = "urn:xmpp:reactions:0"
    /// XEP-0333.
    public static let markers = "urn:xmpp:chat-markers:0"
}
