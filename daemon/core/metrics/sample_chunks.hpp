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

/// The samples of one family, of all instances in their order, in chunks of neighbours. A scrape takes the
/// chunks as they are; what changes is written over in place, or into a copy while a chunk is being sent.
class sample_chunks {
public:
    /// An instance: a small number of its own, given by the owner of this. Numbers may be used again.
    using slot = std::uint32_t;

    /// A chunk with more than that is divided, unless it is of one instance. Smaller ones are packed worse,
    /// larger ones are packed again for less.
    static constexpr std::size_t most_bytes = 128 * 1024;
    static constexpr std::size_t most_members = 1024; ///< finding one takes a look at each

    sample_chunks() = default;
    sample_chunks(const sample_chunks&) = delete;
    sample_chunks& operator=(const sample_chunks&) = delete;

    /// Puts a new instance behind `before`, or in front of all; it has no samples yet.
    void insert(slot of, std::optional<slot> before);

    /// Puts `samples` in place of those of `of`; the chunk keeps its version if they are the same.
    void replace(slot of, std::string_view samples);

    void erase(slot of);

    /// Appends the chunks that hold something.
    void append_to(text_chunks& pieces) const;

private:
    struct member {
        slot of = 0;
        std::uint32_t length = 0;
    };
    struct chunk {
        std::shared_ptr<std::string> text = std::make_shared<std::string>();
        std::uint64_t version = new_version();
        std::vector<member> members;
    };
    using chunks = std::list<chunk>;
    struct place {
        std::size_t index = 0;
        std::size_t offset = 0;
    };

    static place find(const chunk& in, slot of);
    static void write_over(chunk& in, std::size_t offset, std::size_t length, std::string_view samples);
    void divide(chunks::iterator large);
    void join_with_next(chunks::iterator small);

    chunks chunks_;
    std::vector<chunks::iterator> where_; ///< by slot
};

} // namespace replmond::metrics
