// Makes the bodies of the JSON API. Each is made in steps, since there may be a hundred thousand tasks.

#include "daemon/core/web/api.hpp"

#include "daemon/core/web/json_objects.hpp"
#include "daemon/core/web/log_line.hpp"
#include "daemon/core/web/search.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace replmond::web {

namespace {

// Objects; each takes a few microseconds.
constexpr std::size_t written_in_a_step = 64;

// The text `{"status":"success","data":[…]}`, which grows object by object.
class json_list {
public:
    std::string& next() {
        text_.cut();
        return text_.end() += std::exchange(first_, false) ? "" : ",\n";
    }

    template<class Query>
    void end(const Query& query, std::size_t total) {
        text_.end() += ']';
        if (query.limit || query.offset != 0)
            text_.end() += ",\"total\":" + std::to_string(total);
        text_.end() += "}\n";
    }
    void end() { text_.end() += "]}\n"; }

    std::size_t bytes() const { return text_.bytes(); }
    http::buffer_chain take() { return text_.take(); }

private:
    http::growing_body text_ = [] {
        http::growing_body text;
        text.end() = R"({"status":"success","data":[)";
        return text;
    }();
    bool first_ = true;
};

// Tasks in the order of the fleet: each task that fits is written when it is found, so nothing has to be
// collected or sorted.
class ordered_tasks_job final : public http::reply_body {
public:
    ordered_tasks_job(std::function<fleet_view()> look, task_query query)
        : look_(std::move(look)), query_(std::move(query)) {}

    bool step() override {
        const fleet_view fleet = look_();
        const bool all_seen = walk_.over_tasks(
            fleet, written_in_a_step, [&](const instance_state& of) { return admits(query_, of.identity); },
            [&](const instance_state& of, const task_state& task) {
                if (admits(query_, of, task, fleet.time()) && is_asked_for(total_++))
                    append_task_object(list_.next(), of, task, fleet.context);
            });
        if (all_seen)
            list_.end(query_, total_);
        return all_seen;
    }
    std::size_t bytes() const override { return list_.bytes(); }
    http::buffer_chain take() override { return list_.take(); }

private:
    bool is_asked_for(std::size_t turn) const {
        return turn >= query_.offset && (!query_.limit || turn - query_.offset < *query_.limit);
    }

    fleet_at_one_moment look_;
    task_query query_;
    fleet_cursor walk_;
    std::size_t total_ = 0;
    json_list list_;
};

// Tasks in any other order: they are found and sorted first, then written.
class sorted_tasks_job final : public http::reply_body {
public:
    sorted_tasks_job(std::function<fleet_view()> look, const task_query& query)
        : look_(std::move(look)), query_(query), search_(query) {}

    bool step() override {
        const fleet_view fleet = look_();
        if (!found_) {
            found_ = search_.step(fleet);
            return false;
        }
        const std::size_t until = std::min(search_.size(), next_ + written_in_a_step);
        for (; next_ < until; ++next_) {
            const listed_task each = search_.at(fleet, next_);
            if (each.task != nullptr)
                append_task_object(list_.next(), *each.of, *each.task, fleet.context);
        }
        if (next_ < search_.size())
            return false;
        list_.end(query_, search_.total());
        return true;
    }
    std::size_t bytes() const override { return search_.bytes() + list_.bytes(); }
    http::buffer_chain take() override { return list_.take(); }

private:
    fleet_at_one_moment look_;
    task_query query_;
    task_search search_;
    bool found_ = false;
    std::size_t next_ = 0;
    json_list list_;
};

class instances_job final : public http::reply_body {
public:
    instances_job(std::function<fleet_view()> look, const instance_query& query)
        : look_(std::move(look)), query_(query), search_(query) {}

    bool step() override {
        const fleet_view fleet = look_();
        if (!found_) {
            found_ = search_.step(fleet);
            return false;
        }
        const std::size_t until = std::min(search_.size(), next_ + written_in_a_step);
        for (; next_ < until; ++next_) {
            const listed_instance each = search_.at(fleet, next_);
            if (each.of != nullptr)
                append_instance_object(list_.next(), *each.of, each.totals);
        }
        if (next_ < search_.size())
            return false;
        list_.end(query_, search_.total());
        return true;
    }
    std::size_t bytes() const override { return search_.bytes() + list_.bytes(); }
    http::buffer_chain take() override { return list_.take(); }

private:
    fleet_at_one_moment look_;
    instance_query query_;
    instance_search search_;
    bool found_ = false;
    std::size_t next_ = 0;
    json_list list_;
};

// A summary needs the sums over the fleet, but no list of instances.
instance_query none_of_them() {
    instance_query query;
    query.limit = 0;
    return query;
}

class summary_job final : public http::reply_body {
public:
    explicit summary_job(std::function<fleet_view()> look)
        : look_(std::move(look)), search_(none_of_them()) {}

    bool step() override {
        if (!search_.step(look_()))
            return false;
        text_ = R"({"status":"success","data":)";
        {
            const fleet_totals& sum = search_.sum();
            json_object data(text_);
            data.count("instances", sum.instances)
                .count("failing", sum.failing)
                .count("not_polled", sum.not_polled)
                .count("tasks", sum.tasks);
            append_totals(text_, data, sum.of_tasks);
        }
        text_ += "}\n";
        return true;
    }
    std::size_t bytes() const override { return text_.size(); }
    http::buffer_chain take() override {
        http::buffer_chain all;
        all.add(std::move(text_));
        return all;
    }

private:
    fleet_at_one_moment look_;
    instance_search search_;
    std::string text_;
};

std::size_t size_of(const event& e) {
    std::size_t bytes = sizeof(event) + e.message.size() + e.starrocks_instance.size() + e.task.size();
    for (const auto& [key, value] : e.fields) {
        const auto* text = std::get_if<std::string>(&value);
        bytes += sizeof(e.fields.front()) + (text == nullptr ? 0 : text->size());
    }
    return bytes;
}

class events_job final : public http::reply_body {
public:
    explicit events_job(std::function<std::vector<const event*>()> events) : events_(std::move(events)) {}

    bool step() override {
        if (!found_) {
            for (const event* each : events_()) {
                copies_.push_back(*each);
                copied_bytes_ += size_of(*each);
            }
            found_ = true;
            return false;
        }
        const std::size_t until = std::min(copies_.size(), next_ + written_in_a_step);
        for (; next_ < until; ++next_)
            list_.next() += to_json(copies_[next_]);
        if (next_ < copies_.size())
            return false;
        list_.end();
        return true;
    }
    std::size_t bytes() const override { return copied_bytes_ + list_.bytes(); }
    http::buffer_chain take() override { return list_.take(); }

private:
    std::function<std::vector<const event*>()> events_;
    std::vector<event> copies_;
    std::size_t copied_bytes_ = 0;
    bool found_ = false;
    std::size_t next_ = 0;
    json_list list_;
};

} // namespace

std::string error_json(std::string_view what_is_wrong) {
    std::string json;
    json_object(json).text("status", "error").text("error", what_is_wrong);
    return json + '\n';
}

std::unique_ptr<http::reply_body> tasks_body(std::function<fleet_view()> look, const task_query& query) {
    if (query.order == task_order::instance && !query.descending)
        return std::make_unique<ordered_tasks_job>(std::move(look), query);
    return std::make_unique<sorted_tasks_job>(std::move(look), query);
}

std::unique_ptr<http::reply_body> instances_body(std::function<fleet_view()> look,
                                                 const instance_query& query) {
    return std::make_unique<instances_job>(std::move(look), query);
}

std::unique_ptr<http::reply_body> summary_body(std::function<fleet_view()> look) {
    return std::make_unique<summary_job>(std::move(look));
}

std::unique_ptr<http::reply_body> events_body(std::function<std::vector<const event*>()> events) {
    return std::make_unique<events_job>(std::move(events));
}

} // namespace replmond::web
