#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// Builds the payload of a packet of the MySQL protocol. Numbers are little-endian.
class packet_writer {
public:
    packet_writer& integer(std::uint64_t value, std::size_t bytes);
    packet_writer& length(std::uint64_t value); // length-encoded
    packet_writer& bytes(std::string_view text) { return payload_.append(text), *this; }
    packet_writer& zeros(std::size_t count) { return payload_.append(count, '\0'), *this; }
    packet_writer& terminated(std::string_view text) { return bytes(text).zeros(1); }
    packet_writer& counted(std::string_view text) { return length(text.size()).bytes(text); }

    const std::string& payload() const { return payload_; }

private:
    std::string payload_;
};

/// Reads a payload. What is missing reads as nothing, and ok() is false from then on.
class packet_reader {
public:
    explicit packet_reader(std::string_view payload) : rest_(payload) {}

    std::uint64_t integer(std::size_t bytes);
    std::uint64_t length();
    std::string bytes(std::size_t count);
    std::string terminated();
    std::string counted() { return bytes(static_cast<std::size_t>(length())); }
    std::string rest();

    bool at_end() const { return rest_.empty(); }
    bool ok() const { return ok_; }

private:
    std::string_view rest_;
    bool ok_ = true;
};

/// The packet with its header; `sequence` counts on. For payloads below 16 MB.
std::string framed(std::string_view payload, std::uint8_t& sequence);

struct mysql_packet {
    std::uint8_t sequence = 0;
    std::string payload;
};

/// Cuts what a client sends into packets.
class packet_splitter {
public:
    void append(std::string_view bytes) { input_.append(bytes); }

    /// The next packet that has come whole.
    std::optional<mysql_packet> next();

    /// True when a packet is announced that no client of ours needs: more than 1 MiB.
    bool too_large() const;

private:
    std::string input_;
};

} // namespace replmond::simulator
