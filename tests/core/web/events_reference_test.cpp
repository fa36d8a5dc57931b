#include "daemon/core/model/event_kinds.hpp"
#include "tests/core/web/event_examples.hpp"
#include "tests/core/web/events_reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::web {
namespace {

std::vector<std::string> keys_in(std::string_view keys) {
    std::vector<std::string> each;
    while (!keys.empty()) {
        each.emplace_back(keys.substr(0, keys.find(',')));
        keys.remove_prefix(std::min(each.back().size() + 1, keys.size()));
    }
    return each;
}

TEST(EventKinds, NamesAndKeysAreUnique) {
    std::set<std::string_view> names;
    for (const event_kind& kind : event_kinds)
        EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    std::set<std::string_view> keys;
    for (const event_key& key : event_keys)
        EXPECT_TRUE(keys.insert(key.name).second) << key.name;
}

// No key without an explanation, and none that no event has.
TEST(EventKinds, EveryKeyIsExplainedAndUsed) {
    std::set<std::string> used;
    for (const event_kind& kind : event_kinds) {
        for (const auto list : {kind.keys, kind.may_have}) {
            for (const std::string& key : keys_in(list))
                used.insert(key);
        }
    }
    std::set<std::string> explained;
    for (const event_key& key : event_keys)
        explained.emplace(key.name);
    EXPECT_EQ(used, explained);
}

TEST(EventKinds, ExamplesHaveTheKeysOfTheirRow) {
    const std::vector<event> examples = event_examples();
    ASSERT_EQ(examples.size(), event_kinds.size());
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const event& example = examples[i];
        const event_kind& kind = event_kinds[i];
        SCOPED_TRACE(kind.name);
        EXPECT_EQ(example.name, kind.name);
        EXPECT_NE(kind.levels.find(to_string(example.level)), std::string_view::npos)
            << to_string(example.level);
        std::set<std::string> allowed;
        for (const std::string& key : keys_in(kind.keys)) {
            allowed.insert(key);
            EXPECT_NE(example.find(key), nullptr) << key;
        }
        for (const std::string& key : keys_in(kind.may_have))
            allowed.insert(key);
        for (const auto& [key, value] : example.fields)
            EXPECT_TRUE(allowed.contains(key)) << key;
    }
}

// REPLMOND_UPDATE=1 writes the page anew.
TEST(EventsReference, DocsAreUpToDate) {
    const std::string path = REPLMOND_SOURCE_DIR "/docs/events.md";
    if (std::getenv("REPLMOND_UPDATE") != nullptr)
        std::ofstream(path) << events_reference();
    std::ifstream file(path);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(page, events_reference()) << "run this test with REPLMOND_UPDATE=1, then read the difference";
}

} // namespace
} // namespace replmond::web
