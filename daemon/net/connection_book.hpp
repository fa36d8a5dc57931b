#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace replmond::net {

/// Who is connected to the server, and who has to go when there are too many, or when too much text waits for
/// readers. The newest is always let in, and first of all goes who waits the longest without a whole request:
/// so neither silence nor slowness keeps anybody else out. Only where the one that waits is among the newest
/// quarter, since nearly all others stay for their answers, the oldest of those goes. Pure.
class connection_book {
public:
    using id = std::uint64_t;

    /// `most` connections, and at most `most_bytes` of answers on their way (a text that several connections
    /// send counts once).
    connection_book(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}

    /// A connection more, without a request.
    id open();

    /// Its request is whole.
    void answers(id who);
    /// It sends `text`, of so many bytes.
    void sends(id who, const void* text, std::size_t bytes);
    /// Its answer is sent; it may ask again.
    void waits(id who);

    void closed(id who); ///< also when it is not known any more

    /// Whom to close after open() or sends() of `newest`; they are forgotten.
    std::vector<id> close_for(id newest);

    /// The one that waits the longest without a whole request, forgotten; none: nobody waits.
    std::vector<id> close_oldest_waiting();

    void limit(std::size_t most) { most_ = most; }

    bool knows(id who) const { return entries_.contains(who); }
    std::size_t limit() const { return most_; }
    std::size_t size() const { return entries_.size(); }
    std::size_t bytes() const { return bytes_; }

private:
    struct entry {
        std::uint64_t since = 0; ///< in order of what happened
        bool has_request = false;
        const void* text = nullptr;
    };
    struct text_on_its_way {
        std::size_t bytes = 0;
        std::size_t senders = 0;
    };

    void drop_text(entry& of);
    void forget(id who, std::vector<id>& closing);
    /// The longest there in that state; 0: nobody.
    id oldest(bool with_request, id but_not) const;
    id oldest_sender(id but_not) const;
    id worst(id but_not) const;
    bool is_among_the_newest(id who) const;

    std::size_t most_;
    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::uint64_t clock_ = 0;
    std::map<id, entry> entries_;
    std::map<const void*, text_on_its_way> texts_;
};

} // namespace replmond::net
