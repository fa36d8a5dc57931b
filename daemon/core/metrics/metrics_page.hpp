#pragma once

#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/metrics/instance_families.hpp"
#include "daemon/core/metrics/sample_chunks.hpp"
#include "daemon/core/model/instance.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace replmond::metrics {

/// The exposition of every family with the label starrocks_instance. Text is rendered when an instance
/// changes; a scrape takes what is there, without formatting or copying it.
class metrics_page {
public:
    explicit metrics_page(milliseconds stale_after);

    /// Renders `state` anew. Keeps a pointer to it, to render it again when tasks become stale between two
    /// polls: it must outlive its entry here.
    void update(const instance_state& state, timestamp now);

    /// As update(), where only the facts of the poll have changed since: its last one succeeded, too. They
    /// are rendered at the next scrape: there may be many polls until then.
    void update_poll(const instance_state& state);

    /// What that makes stale, or not stale any more, is rendered at the next refresh.
    void change_stale_after(milliseconds stale_after);

    /// Takes the instance's series out.
    void remove(const instance_state& state);

    /// Renders a little of what has to be rendered before a scrape: what has gone stale by `now`, and facts
    /// of polls. True: nothing is left.
    bool refresh(timestamp now);

    /// Refreshes what is left, and gives all families, each with its HELP and TYPE, instances in the order of
    /// their names. What they hold stays as it is, whatever comes.
    text_chunks pieces(timestamp now, format as);

private:
    struct entry {
        const instance_state* state = nullptr;
        sample_chunks::slot slot = 0;
        std::optional<timestamp> expires;   ///< when the next series goes without a poll
        std::vector<std::uint64_t> digests; ///< of what was rendered, parallel to instance_families()
        bool poll_changed = false;          ///< since they were rendered
    };
    using entries =
        std::map<std::pair<std::string, const instance_state*>, entry>; ///< by name, then whichever

    entry& insert(const instance_state& state);
    void render(entry& of, timestamp now);
    void render_poll(entry& of);
    void poll_changed(entry& of);
    std::size_t render_next_expired(timestamp now);
    std::size_t render_next_poll();
    void render_family(std::size_t number, const entry& of, const render_context& context);

    milliseconds stale_after_;
    entries entries_;
    std::unordered_map<const instance_state*, entries::iterator> by_state_;
    std::vector<sample_chunks> families_;          ///< parallel to instance_families()
    std::array<std::vector<text_chunk>, 2> heads_; ///< HELP and TYPE, by format, parallel to them
    std::vector<sample_chunks::slot> free_slots_;
    std::vector<const instance_state*> poll_changed_; ///< whose `poll_changed` is set, and some that went
    timestamp first_expiry_ = timestamp::max();       ///< none of the entries expires before
    bool is_sweeping_ = false;                        ///< over all entries, for those that have expired
    entries::iterator next_to_sweep_;                 ///< then
    std::string rendered_;                            ///< kept for its room
};

} // namespace replmond::metrics
