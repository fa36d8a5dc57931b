#include "tests/simulator/user_list.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace json = boost::json;

namespace replmond::simulator {

user_list::user_list(std::vector<user_spec> users, const password_lock& lock) : lock_(lock) {
    for (auto& user : users)
        entries_.push_back({std::move(user), 0, std::nullopt, 0});
}

password_verdict user_list::check(std::string_view domain, std::string_view name, std::string_view password,
                                  virtual_time now) {
    entry* found = find_entry(domain, name);
    if (!found)
        return password_verdict::wrong;
    if (found->locked_until && now < *found->locked_until) {
        ++found->refused;
        return password_verdict::locked;
    }
    if (found->locked_until) {
        found->locked_until.reset();
        found->failures = 0;
    }
    if (found->user.password == password) {
        found->failures = 0;
        return password_verdict::right;
    }
    ++found->refused;
    if (++found->failures >= lock_.after)
        found->locked_until = now + lock_.lasts;
    return password_verdict::wrong;
}

const user_spec* user_list::find(std::string_view domain, std::string_view name) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) {
        return e.user.domain == domain && e.user.name == name;
    });
    return found == entries_.end() ? nullptr : &found->user;
}

bool user_list::set_password(std::string_view domain, std::string_view name, std::string_view password) {
    entry* found = find_entry(domain, name);
    if (found)
        found->user.password = password;
    return found != nullptr;
}

bool user_list::unlock(std::string_view domain, std::string_view name) {
    entry* found = find_entry(domain, name);
    if (found) {
        found->locked_until.reset();
        found->failures = 0;
    }
    return found != nullptr;
}

json::array user_list::to_json(virtual_time now) const {
    json::array list;
    for (const auto& e : entries_)
        list.push_back({{"domain", e.user.domain},
                        {"name", e.user.name},
                        {"locked", e.locked_until && now < *e.locked_until},
                        {"failures_in_a_row", e.failures},
                        {"refused", e.refused}});
    return list;
}

user_list::entry* user_list::find_entry(std::string_view domain, std::string_view name) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) {
        return e.user.domain == domain && e.user.name == name;
    });
    return found == entries_.end() ? nullptr : &*found;
}

} // namespace replmond::simulator
