#pragma once

#include "daemon/core/metrics/exposition.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::metrics {

/// The samples of one family for all instances, in the order of the instances. The text is kept in chunks,
/// each of which has the samples of neighbouring instances. A scrape takes the chunks without copying them.
/// Changed samples are overwritten in place, or in a copy of the chunk if the chunk is being sent.
class sample_chunks {
public:
    /// Identifies an instance: a small number chosen by the caller. It may be used again after erase().
    using slot = std::uint32_t;

    /// A larger chunk is divided, unless it has only one instance. Smaller chunks compress worse; of larger
    /// ones more text is compressed again for each change.
    static constexpr std::size_t most_bytes = 128 * 1024;
    static constexpr std::size_t most_members = 1024; ///< a bound for the linear search of a member

    sample_chunks() = default;
    sample_chunks(const sample_chunks&) = delete;
    sample_chunks& operator=(const sample_chunks&) = delete;

    /// Inserts a new instance without samples behind `before`, or in front of all others.
    void insert(slot of, std::optional<slot> before);

    /// Replaces the samples of an instance. The chunk keeps its version if they are the same as before.
    void replace(slot of, std::string_view samples);

    /// Removes an instance and its samples.
    void erase(slot of);

    /// Appends all chunks that are not empty.
    void append_to(text_chunks& pieces) const;

private:
    struct member {
        slot of = 0;
        std::uint32_t length = 0; ///< bytes of its samples
    };
    struct chunk {
        std::shared_ptr<std::string> text = std::make_shared<std::string>();
        std::uint64_t version = new_version();
        std::vector<member> members;
    };
    using chunks = std::list<chunk>;
    struct place {
        std::size_t index = 0;  ///< in the chunk's members
        std::size_t offset = 0; ///< in the chunk's text
    };

    static place find(const chunk& in, slot of);
    static void write_over(chunk& in, std::size_t offset, std::size_t length, std::string_view samples);
    void divide(chunks::iterator large);
    void join_with_next(chunks::iterator small);

    chunks chunks_;
    std::vector<chunks::iterator> where_; ///< the chunk of each slot; chunks_.end() for a free one
};

} // namespace replmond::metrics
