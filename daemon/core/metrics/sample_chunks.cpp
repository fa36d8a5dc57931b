// The text of one family in chunks, which are overwritten in place unless a scrape is sending them.

#include "daemon/core/metrics/sample_chunks.hpp"

#include <iterator>
#include <limits>
#include <stdexcept>
#include <utility>

namespace replmond::metrics {

namespace {

constexpr std::size_t spare_part = 16; // a text that is moved gets 1/16 more capacity than it needs

} // namespace

sample_chunks::place sample_chunks::find(const chunk& in, slot of) {
    place at;
    while (in.members[at.index].of != of) {
        at.offset += in.members[at.index].length;
        ++at.index;
    }
    return at;
}

void sample_chunks::insert(slot of, std::optional<slot> before) {
    if (chunks_.empty())
        chunks_.emplace_back();
    const auto into = before ? where_[*before] : chunks_.begin();
    const std::size_t index = before ? find(*into, *before).index + 1 : 0;
    into->members.insert(into->members.begin() + static_cast<std::ptrdiff_t>(index), member{of, 0});
    if (where_.size() <= of)
        where_.resize(of + std::size_t{1}, chunks_.end());
    where_[of] = into;
    if (into->members.size() > most_members)
        divide(into);
}

void sample_chunks::replace(slot of, std::string_view samples) {
    if (samples.size() > std::numeric_limits<std::uint32_t>::max())
        throw std::length_error("the samples of one instance are too large");
    const auto in = where_[of];
    const place at = find(*in, of);
    member& mine = in->members[at.index];
    if (std::string_view(*in->text).substr(at.offset, mine.length) == samples)
        return;
    write_over(*in, at.offset, mine.length, samples);
    mine.length = static_cast<std::uint32_t>(samples.size());
    if (in->text->size() > most_bytes)
        divide(in);
}

void sample_chunks::erase(slot of) {
    const auto in = where_[of];
    const place at = find(*in, of);
    if (in->members[at.index].length > 0)
        write_over(*in, at.offset, in->members[at.index].length, {});
    in->members.erase(in->members.begin() + static_cast<std::ptrdiff_t>(at.index));
    where_[of] = chunks_.end();
    if (in->members.empty()) {
        chunks_.erase(in);
        return;
    }
    join_with_next(in);
    if (in != chunks_.begin())
        join_with_next(std::prev(in));
}

// Replaces `length` bytes at `offset`. A text that a scrape is sending (it has other owners) is not changed:
// the chunk gets a copy. A text that outgrows its capacity is moved to one with a little spare capacity;
// std::string would double it, and the chunks are the largest part of the memory.
void sample_chunks::write_over(chunk& in, std::size_t offset, std::size_t length, std::string_view samples) {
    const std::string_view before = *in.text;
    const std::size_t size = before.size() - length + samples.size();
    if (in.text.use_count() > 1 || size > in.text->capacity()) {
        auto moved = std::make_shared<std::string>();
        moved->reserve(size + size / spare_part);
        moved->append(before.substr(0, offset)).append(samples).append(before.substr(offset + length));
        in.text = std::move(moved);
    } else {
        in.text->replace(offset, length, samples);
    }
    in.version = new_version();
}

// Divides a chunk in two halves of about the same number of bytes, or of members if it has too many members
// but little text. Each half gets at least one member.
void sample_chunks::divide(chunks::iterator large) {
    auto& members = large->members;
    if (members.size() < 2)
        return;
    std::size_t index = 1;
    std::size_t offset = members[0].length;
    const bool by_bytes = large->text->size() > most_bytes;
    while (index + 1 < members.size() &&
           (by_bytes ? offset < large->text->size() / 2 : index < members.size() / 2)) {
        offset += members[index].length;
        ++index;
    }
    const auto rest = chunks_.emplace(std::next(large));
    const auto first_of_rest = members.begin() + static_cast<std::ptrdiff_t>(index);
    rest->members.assign(first_of_rest, members.end());
    members.erase(first_of_rest, members.end());
    rest->text->assign(*large->text, offset);
    large->text = std::make_shared<std::string>(*large->text, 0, offset);
    large->version = new_version();
    for (const member& moved : rest->members)
        where_[moved.of] = rest;
    // With one large instance among small ones, a half may still be too large.
    if (rest->text->size() > most_bytes)
        divide(rest);
    if (large->text->size() > most_bytes)
        divide(large);
}

// Joins two neighbouring chunks that are small. The limit is half the size at which a chunk is divided, so
// that small changes do not join and divide again and again.
void sample_chunks::join_with_next(chunks::iterator small) {
    const auto next = std::next(small);
    if (next == chunks_.end() || small->text->size() + next->text->size() > most_bytes / 2 ||
        small->members.size() + next->members.size() > most_members / 2)
        return;
    write_over(*small, small->text->size(), 0, *next->text);
    for (const member& moved : next->members)
        where_[moved.of] = small;
    small->members.insert(small->members.end(), next->members.begin(), next->members.end());
    chunks_.erase(next);
}

void sample_chunks::append_to(text_chunks& pieces) const {
    for (const chunk& each : chunks_) {
        if (!each.text->empty())
            pieces.push_back({each.text, each.version});
    }
}

} // namespace replmond::metrics
