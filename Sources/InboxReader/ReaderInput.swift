/// Everything that can happen to the reader.
enum ReaderInput: Sendable, Equatable {
    case key(Key)
    case size(ReaderSize)
    case tick(ReaderTime)
    case answer(Int, Result<ReaderAnswer, ReaderFailure>)
    case event(ReaderEvent)
    /// The process is told to stop for a while, goes on, or is told to end.
    case suspend, resumed, terminate
}

/// Everything that the reader wants done.
enum ReaderEffect: Sendable, Equatable {
    /// Ask the backend; the answer comes with the number.
    case ask(Int, ReaderRequest)
    /// The bell.
    case ring
    /// Draw everything anew.
    case redraw
    case suspend
    /// End, once drafts are kept.
    case quit
    /// Do not end after all: a draft could not be kept.
    case stay
}

/// A question to the backend.
enum ReaderRequest: Sendable, Equatable {
    case list(ReaderFilter, limit: Int)
    case open(Int64, before: String)
    case change(ReaderChange, conversation: Int64, id: String)
    case suggestions(Int64, text: String)
    case search(String)
    case today
    case members
    case drafts
    case keep(ReaderDraft)
}

/// The answer to it.
enum ReaderAnswer: Sendable, Equatable {
    case page(ReaderPage)
    case conversation(ReaderConversation)
    case changed
    case suggestions([ReaderSuggestion])
    case hits([ReaderHit])
    case today([ReaderTodayItem])
    case members([ReaderMember])
    case drafts([ReaderDraft])
    case kept
}

/// The size of the window in character cells.
struct ReaderSize: Sendable, Equatable {
    var columns: Int
    var rows: Int
}

extension ReaderRequest {
    /// Asks the backend.
    func ask(_ backend: some ReaderBackend) async -> Result<ReaderAnswer, ReaderFailure> {
        do throws(ReaderFailure) {
            switch self {
            case .list(let filter, let limit): return .success(.page(try await backend.list(filter, limit: limit)))
            case .open(let conversation, let before):
                return .success(.conversation(try await backend.open(conversation, before: before)))
            case .change(let change, let conversation, let id):
                try await backend.apply(change, to: conversation, id: id)
                return .success(.changed)
            case .suggestions(let conversation, let text):
                return .success(.suggestions(try await backend.suggestions(for: conversation, text: text)))
            case .search(let words): return .success(.hits(try await backend.search(words)))
            case .today: return .success(.today(try await backend.today()))
            case .members: return .success(.members(try await backend.members()))
            case .drafts: return .success(.drafts(try await backend.drafts()))
            case .keep(let draft):
                try await backend.keep(draft)
                return .success(.kept)
            }
        } catch {
            return .failure(error)
        }
    }
}
