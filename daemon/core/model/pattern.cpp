// The regular expressions of the configuration that choose the discovered instances. RE2 is used because no
// expression takes exponential time there.

#include "daemon/core/model/pattern.hpp"

#include <cstdint>
#include <re2/re2.h>

namespace replmond {

namespace {

constexpr std::int64_t most_memory = 1 << 20; // bytes, for one compiled expression

re2::RE2::Options quiet_options() {
    re2::RE2::Options options;
    options.set_log_errors(false); // the caller reports the error together with its place in the file
    options.set_max_mem(most_memory);
    return options;
}

} // namespace

std::variant<pattern, std::string> pattern::compile(std::string_view expression) {
    const re2::StringPiece source(expression.data(), expression.size());
    auto compiled = std::make_shared<const re2::RE2>(source, quiet_options());
    if (!compiled->ok())
        return compiled->error();
    return pattern(std::move(compiled));
}

bool pattern::is_found_in(std::string_view text) const {
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

} // namespace replmond
