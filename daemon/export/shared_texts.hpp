#pragma once

#include "daemon/net/pieced_text.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace replmond::exposition {

/// Large texts that several clients ask for at nearly the same time: while one is still being sent, and not
/// older than a second, the next client gets the same. So readers who stop reading do not hold a copy each.
class shared_texts {
public:
    using clock = std::chrono::steady_clock;

    /// `make` is called where there is none for `key`.
    std::shared_ptr<const net::pieced_text> get(std::string_view key, clock::time_point now,
                                                const std::function<net::pieced_text()>& make);

private:
    struct entry {
        std::weak_ptr<const net::pieced_text> text;
        clock::time_point made;
    };
    std::map<std::string, entry, std::less<>> entries_;
};

} // namespace replmond::exposition
