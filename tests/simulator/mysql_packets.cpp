#include "tests/simulator/mysql_packets.hpp"

#include <algorithm>

namespace replmond::simulator {
namespace {

constexpr std::size_t header_size = 4;
constexpr std::size_t largest_packet = 1024 * 1024;

// The first byte of a length-encoded number that is longer than one byte, and how many follow.
constexpr std::uint64_t two_follow = 0xFC;
constexpr std::uint64_t three_follow = 0xFD;
constexpr std::uint64_t eight_follow = 0xFE;
constexpr std::uint64_t shortest_prefix = 0xFB;

std::size_t announced_size(std::string_view input) {
    packet_reader reader(input);
    return static_cast<std::size_t>(reader.integer(3));
}

} // namespace

packet_writer& packet_writer::integer(std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
        payload_ += static_cast<char>(value >> (8 * i) & 0xFF);
    return *this;
}

packet_writer& packet_writer::length(std::uint64_t value) {
    if (value < shortest_prefix)
        return integer(value, 1);
    if (value <= 0xFFFF)
        return integer(two_follow, 1).integer(value, 2);
    if (value <= 0xFF'FFFF)
        return integer(three_follow, 1).integer(value, 3);
    return integer(eight_follow, 1).integer(value, 8);
}

std::uint64_t packet_reader::integer(std::size_t bytes) {
    std::uint64_t value = 0;
    ok_ = ok_ && rest_.size() >= bytes;
    if (!ok_)
        return 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    rest_.remove_prefix(bytes);
    return value;
}

std::uint64_t packet_reader::length() {
    const std::uint64_t first = integer(1);
    if (first == two_follow)
        return integer(2);
    if (first == three_follow)
        return integer(3);
    if (first == eight_follow)
        return integer(8);
    ok_ = ok_ && first < shortest_prefix;
    return ok_ ? first : 0;
}

std::string packet_reader::bytes(std::size_t count) {
    ok_ = ok_ && rest_.size() >= count;
    if (!ok_)
        return {};
    std::string text(rest_.substr(0, count));
    rest_.remove_prefix(count);
    return text;
}

std::string packet_reader::terminated() {
    const std::size_t end = rest_.find('\0');
    ok_ = ok_ && end != std::string_view::npos;
    if (!ok_)
        return {};
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
}

std::string packet_reader::rest() {
    std::string text(rest_);
    rest_ = {};
    return text;
}

std::string framed(std::string_view payload, std::uint8_t& sequence) {
    packet_writer whole;
    whole.integer(payload.size(), 3).integer(sequence++, 1).bytes(payload);
    return whole.payload();
}

std::optional<mysql_packet> packet_splitter::next() {
    if (input_.size() < header_size)
        return std::nullopt;
    const std::size_t size = announced_size(input_);
    if (input_.size() < header_size + size || too_large())
        return std::nullopt;
    mysql_packet packet{static_cast<std::uint8_t>(input_[3]), input_.substr(header_size, size)};
    input_.erase(0, header_size + size);
    return packet;
}

bool packet_splitter::too_large() const {
    return input_.size() >= header_size && announced_size(input_) > largest_packet;
}

} // namespace replmond::simulator
