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
/// changes; a scrape takes the rendered text without formatting or copying it. Times are of the even clock.
class metrics_page {
public:
    explicit metrics_page(milliseconds stale_after);

    /// Renders the families of `state` that have changed, or adds the instance. Keeps a pointer to `state`,
    /// to render it again when tasks become stale between two polls: remove() must be called before `state`
    /// is destroyed.
    void update(const instance_state& state, timestamp now);

    /// To be called instead of update() if only values of the poll itself (duration, counters) have changed,
    /// and the poll before succeeded too. They are rendered at the next scrape, since there may be many polls
    /// until then.
    void update_poll(const instance_state& state);

    /// To be called if only the lag of the instance was read. It is rendered at the next scrape.
    void update_lag(const instance_state& state, timestamp now);

    /// Changes `poll.stale_after`. Series that become stale by it, or are not stale any more, are rendered by
    /// the next refresh().
    void change_stale_after(milliseconds stale_after);

    /// Removes the instance's series. Does nothing if there is no such instance.
    void remove(const instance_state& state);

    /// Renders a small part of what must be rendered before a scrape: instances with series that are stale at
    /// `now`, and values of polls. True: nothing is left.
    bool refresh(timestamp now);

    /// Finishes the refresh and returns all families, each with its HELP and TYPE; instances are in the order
    /// of their names. The returned chunks do not change afterwards.
    text_chunks pieces(timestamp now, format as);

private:
    struct entry {
        const instance_state* state = nullptr;
        sample_chunks::slot slot = 0;
        std::optional<timestamp> expires; ///< when the next series becomes stale if no poll ends until then
        bool poll_changed = false;        ///< the values of the poll have changed since they were rendered
        bool lag_changed = false;         ///< the same of the lag
    };
    /// By name. The pointer only makes the key unique while two instances have the same name for a moment.
    using entries = std::map<std::pair<std::string, const instance_state*>, entry>;

    entry& insert(const instance_state& state);
    void render(entry& of, timestamp now);
    void render_poll(entry& of, timestamp now);
    void poll_changed(entry& of);
    std::size_t render_next_expired(timestamp now);
    std::size_t render_next_poll(timestamp now);
    void render_family(std::size_t number, const entry& of, const render_context& context);

    milliseconds stale_after_;
    entries entries_;
    std::unordered_map<const instance_state*, entries::iterator> by_state_;
    std::vector<sample_chunks> families_; ///< parallel to instance_families()
    /// HELP and TYPE by format, parallel to instance_families().
    std::array<std::vector<text_chunk>, 2> heads_;
    std::vector<sample_chunks::slot> free_slots_;
    /// Entries with `poll_changed` or `lag_changed`; some may be removed already.
    std::vector<const instance_state*> poll_changed_;
    timestamp first_expiry_ = timestamp::max(); ///< no entry expires earlier
    bool is_sweeping_ = false;                  ///< a search for expired entries is under way
    entries::iterator next_to_sweep_;           ///< valid while is_sweeping_
    std::string rendered_;                      ///< a buffer, kept for its capacity
};

} // namespace replmond::metrics
