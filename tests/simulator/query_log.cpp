#include "tests/simulator/query_log.hpp"

#include <boost/json/object.hpp>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

constexpr std::size_t most_queries = 10'000;
constexpr std::size_t longest_text = 4096;

} // namespace

void query_log::add(logged_query query) {
    if (queries_.size() == most_queries)
        queries_.pop_front();
    if (query.statement.size() > longest_text)
        query.statement.resize(longest_text);
    if (query.value && query.value->size() > longest_text)
        query.value->resize(longest_text);
    queries_.push_back(std::move(query));
}

json::array query_log::to_json() const {
    json::array list;
    for (const auto& q : queries_) {
        json::object shown{{"now", static_cast<double>(q.now.count()) / 1000},
                           {"time", iso_time(q.real)},
                           {"address", q.address},
                           {"connection", q.connection},
                           {"user", q.user},
                           {"command", q.command},
                           {"statement", q.statement},
                           {"outcome", q.outcome}};
        if (q.value)
            shown["value"] = *q.value;
        list.push_back(std::move(shown));
    }
    return list;
}

} // namespace replmond::simulator
