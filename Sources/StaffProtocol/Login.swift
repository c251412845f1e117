import Foundation
import Messaging
import Sealing

/// What the daemon says of itself without a log-in.
public struct Health: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        case ready
        /// Key mode `operator`: the working key was not given yet; `sila bridge open` gives it.
        case locked
    }

    public var state: State
    /// The version of the program.
    public var version: String
    /// The random id of the deployment, 16 bytes, base64 in JSON.
    public var deployment: Data
    /// The number of the last roster entry.
    public var rosterSequence: Int64

    public init(state: State, version: String, deployment: Data, rosterSequence: Int64) {
        self.state = state
        self.version = version
        self.deployment = deployment
        self.rosterSequence = rosterSequence
    }
}

/// `POST /v1/session/challenge`
public struct ChallengeRequest: Codable, Sendable, Equatable {
    public var member: String
    public init(member: String) { self.member = member }
}

/// A random number to sign, good for one log-in within its time.
public struct Challenge: Codable, Sendable, Equatable {
    /// Seconds for which a challenge may be answered.
    public static let lifetime: Int64 = 60
    /// 32 bytes.
    public var challenge: Data
    public var expiresAt: Milliseconds

    public init(challenge: Data, expiresAt: Milliseconds) {
        self.challenge = challenge
        self.expiresAt = expiresAt
    }
}

/// `POST /v1/session`: the answer to a challenge.
public struct LoginRequest: Codable, Sendable, Equatable {
    public var member: String
    public var challenge: Data
    /// Ed25519 over `LoginTranscript.bytes`, 64 bytes.
    public var signature: Data

    public init(member: String, challenge: Data, signature: Data) {
        self.member = member
        self.challenge = challenge
        self.signature = signature
    }
}

/// What a log-in signs: bound to the deployment and the member, so that a challenge relayed from
/// elsewhere is of no use.
public enum LoginTranscript {
    public static func bytes(deployment: [UInt8], member: MemberID, challenge: [UInt8]) -> [UInt8] {
        var transcript = Transcript("sila staff login", version: 1)
        transcript.add(deployment)
        transcript.add(member.rawValue)
        transcript.add(challenge)
        return transcript.bytes
    }
}

/// A session: the token goes into `Authorization: Bearer`.
public struct SessionToken: Codable, Sendable, Equatable {
    /// Seconds without a request after which a session ends.
    public static let idleLifetime: Int64 = 15 * 60
    /// Seconds after which a session ends in any case.
    public static let lifetime: Int64 = 8 * 3600

    public var token: String
    public var expiresAt: Milliseconds
    public var role: String

    public init(token: String, expiresAt: Milliseconds, role: String) {
        self.token = token
        self.expiresAt = expiresAt
        self.role = role
    }
}

/// `POST /v1/unlock`: the working key, in key mode `operator`.
public struct UnlockRequest: Codable, Sendable, Equatable {
    /// 32 bytes.
    public var workingKey: Data
    public init(workingKey: Data) { self.workingKey = workingKey }
}
