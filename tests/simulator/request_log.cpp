#include "tests/simulator/request_log.hpp"

#include <boost/json/object.hpp>

namespace json = boost::json;
using replmond::testing::fault;

namespace replmond::simulator {
namespace {

constexpr std::size_t most = 10'000;

} // namespace

void request_log::add(logged_request request) {
    if (requests_.size() == most)
        requests_.pop_front();
    requests_.push_back(std::move(request));
}

json::array request_log::to_json() const {
    json::array list;
    for (const auto& r : requests_) {
        json::object query;
        for (const auto& [name, value] : r.query)
            query[name] = value;
        json::object shown{{"now", static_cast<double>(r.now.count()) / 1000},
                           {"method", r.method},
                           {"path", r.path},
                           {"query", std::move(query)},
                           {"instance", r.instance},
                           {"status", r.status},
                           {"outcome", r.outcome},
                           {"request_id", r.request_id},
                           {"connection", r.connection},
                           {"operation", r.operation},
                           {"caller", r.caller}};
        if (!r.note.empty())
            shown["note"] = r.note;
        if (r.grave)
            shown["grave"] = true;
        if (!r.body.empty())
            shown["body"] = r.body;
        list.push_back(std::move(shown));
    }
    return list;
}

std::string outcome_of(const testing::script& answer) {
    switch (answer.fault) {
    case fault::hang_before_answer:
        return "hang";
    case fault::reset_before_answer:
        return "reset";
    case fault::close_before_answer:
        return "close";
    case fault::cut_after:
        return "cut";
    case fault::reset_after:
        return "reset_after";
    case fault::none:
    case fault::trickle:
    case fault::raw:
        break;
    }
    return std::to_string(answer.status);
}

} // namespace replmond::simulator
