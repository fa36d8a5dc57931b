#pragma once

#include "daemon/export/instance_families.hpp"
#include "daemon/export/negotiation.hpp"
#include "daemon/model/instance.hpp"

#include <map>
#include <string>
#include <vector>

namespace replmond::exposition {

/// The exposition of every family with the label starrocks_instance. Text is rendered when an instance
/// changes and only put together at a scrape, so a scrape costs copying, not formatting.
class metrics_page {
public:
    explicit metrics_page(milliseconds stale_after) : stale_after_(stale_after) {}

    /// Renders `state` anew. Keeps a pointer to it, to render it again when tasks become stale between two
    /// polls: it must outlive its entry here.
    void update(const instance_state& state, timestamp now);

    /// As update(), where only the facts of the poll have changed since: its last one succeeded, too.
    void update_poll(const instance_state& state);

    /// Renders what that makes stale, or not stale any more.
    void change_stale_after(milliseconds stale_after, timestamp now);

    /// Takes the instance's series out.
    void remove(const instance_state& state);

    /// Appends all families, each with its HELP and TYPE, instances in the order of their names.
    void append_to(std::string& text, timestamp now, format as);

private:
    struct entry {
        const instance_state* state = nullptr;
        std::vector<std::string> families; ///< samples, parallel to instance_families()
        std::optional<timestamp> expires;  ///< when the next series goes without a poll
    };

    void render(entry& into, timestamp now) const;

    milliseconds stale_after_;
    std::map<std::pair<std::string, const instance_state*>, entry> entries_; ///< by name, for a stable order
};

} // namespace replmond::exposition
