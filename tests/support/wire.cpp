#include "tests/support/wire.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <sstream>
#include <utility>

namespace replmond::test {
namespace {

cloud::page decoded(const std::vector<std::string>& records) {
    auto page = cloud::decode_page(fmt::format(R"({{"total_count": {}, "replications": [{{{}}}]}})",
                                               records.size(), fmt::join(records, "},{")));
    if (!page) {
        ADD_FAILURE() << "not a record: " << page.error().error_msg;
        return {};
    }
    return std::move(*page);
}

} // namespace

cloud::page make_page(const std::string& notation) {
    std::istringstream words(notation);
    std::string total;
    std::string bar;
    words >> total >> bar;
    EXPECT_EQ(bar, "|") << notation;

    cloud::page page;
    if (total != "-")
        page.total_count = std::stoull(total);
    for (std::string name; words >> name;) {
        ++page.records;
        if (name == "?") {
            ++page.unusable;
            page.unexpected.push_back({"", "task_name", "absent"});
            continue;
        }
        task_reading task;
        task.name = name;
        page.tasks.push_back(std::move(task));
    }
    return page;
}

task_reading make_task(const std::string& fields) {
    auto page = decoded({fields});
    EXPECT_EQ(page.tasks.size(), 1u) << fields;
    return page.tasks.empty() ? task_reading{} : std::move(page.tasks.front());
}

tracking::reading make_reading(const std::vector<std::string>& records) {
    tracking::reading reading;
    reading.consistent = true;
    if (records.empty())
        return reading;
    cloud::page page = decoded(records);
    reading.unexpected = std::move(page.unexpected);
    for (task_reading& task : page.tasks) {
        std::string name = task.name;
        reading.tasks.insert_or_assign(std::move(name), std::move(task));
    }
    return reading;
}

tracking::reading make_inconsistent_reading(const std::vector<std::string>& records) {
    tracking::reading reading = make_reading(records);
    reading.consistent = false;
    return reading;
}

} // namespace replmond::test
