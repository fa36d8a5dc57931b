#pragma once

#include "tests/simulator/scenario.hpp"
#include "tests/simulator/timeline.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// The asynchronous jobs that changes to tasks have begun. A job says nothing about its task, which has
/// changed already.
class job_list {
public:
    explicit job_list(const job_course& course) : course_(course) {}

    /// The id of a new job; `name` is what it does.
    std::string add(std::string_view request_id, std::string_view name, const instance_spec& instance,
                    std::string_view project, virtual_time now);

    /// The answer's `job`; nothing while it cannot be found yet, and for another project's.
    std::optional<boost::json::object> find(std::string_view id, std::string_view project,
                                            virtual_time now) const;

private:
    struct entry {
        std::string name;
        std::string instance_id;
        std::string instance_name;
        std::string project;
        virtual_time created;
    };

    job_course course_;
    std::map<std::string, entry, std::less<>> entries_;
};

} // namespace replmond::simulator
