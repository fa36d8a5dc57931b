#pragma once

#include "daemon/core/model/failure.hpp"
#include "tests/support/exchange.hpp"
#include "tests/support/tls_server.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace replmond::testing {

/// What the endpoint's port does.
enum class door {
    open,
    refuses, ///< nobody listens
    hangs    ///< somebody listens, and never lets anybody in
};

/// Something that goes wrong, and what becomes of a poll then.
struct fault_row {
    std::string name; ///< as docs/reliability.md has it
    poll_result result = poll_result::network;
    int attempts_at_first = 1;      ///< of the request that failed
    int attempts_while_failing = 1; ///< of all requests of the next poll
    int http_status = 0;            ///< that the log tells; 0: none

    door endpoint = door::open;
    std::function<script(const request&)> answer; ///< instead of the good list
    std::function<void(tls_options&)> tls;        ///< turns a good TLS server into this one
    bool waits = false;                           ///< for a deadline: a short one holds
    bool pauses = false;                          ///< longer than a test can wait
};

/// The list of every instance of these tests, while nothing is wrong: so many tasks that retries are within
/// their share of the requests, `page_of_list` a page.
constexpr std::size_t tasks_of_list = 40;
constexpr std::size_t page_of_list = 2;

/// The page of the good list that `target` asks for.
std::string good_page(const std::string& target);

/// Every fault.
std::vector<fault_row> fault_table();

} // namespace replmond::testing
