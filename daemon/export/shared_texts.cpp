#include "daemon/export/shared_texts.hpp"

namespace replmond::exposition {
namespace {

constexpr auto longest_shared = std::chrono::seconds(1);

} // namespace

std::shared_ptr<const net::pieced_text> shared_texts::get(std::string_view key, clock::time_point now,
                                                          const std::function<net::pieced_text()>& make) {
    const auto found = entries_.find(key);
    if (found != entries_.end() && now - found->second.made < longest_shared) {
        if (auto text = found->second.text.lock())
            return text;
    }
    auto text = std::make_shared<const net::pieced_text>(make());
    entries_.insert_or_assign(std::string(key), entry{text, now});
    return text;
}

} // namespace replmond::exposition
