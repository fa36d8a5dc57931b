#pragma once

#include "tests/simulator/access_spec.hpp"

#include <boost/json/array.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace replmond::simulator {

enum class password_verdict { right, wrong, locked };

/// The IAM users. Too many wrong passwords in a row lock a user for a while of virtual time; unknown users
/// are as wrong as wrong passwords.
class user_list {
public:
    user_list(std::vector<user_spec> users, const password_lock& lock);

    password_verdict check(std::string_view domain, std::string_view name, std::string_view password,
                           virtual_time now);

    /// Null where there is none.
    const user_spec* find(std::string_view domain, std::string_view name) const;

    /// False where there is none.
    bool set_password(std::string_view domain, std::string_view name, std::string_view password);
    bool unlock(std::string_view domain, std::string_view name);

    boost::json::array to_json(virtual_time now) const;

private:
    struct entry {
        user_spec user;
        std::int64_t failures = 0; // in a row
        std::optional<virtual_time> locked_until;
        std::uint64_t refused = 0;
    };

    entry* find_entry(std::string_view domain, std::string_view name);

    std::vector<entry> entries_;
    password_lock lock_;
};

} // namespace replmond::simulator
