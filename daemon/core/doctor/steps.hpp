#pragma once

#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/lag.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::doctor {

enum class verdict { ok, warn, fail, skip };

std::string_view to_string(verdict value);

/// What doctor proves, in the order in which it is shown.
enum class step {
    names,
    connection,
    tls,
    clock,
    credential,
    project_id,
    instances,
    htap,
    list,
    configuration,
    rate_limit,
    lag_login,
    lag_table
};

/// The word of the report.
std::string_view to_string(step value);
/// The words for people.
std::string_view title_of(step value);

/// A word of replmond itself, which everybody may see: a literal in the code, or made from a value that has a
/// few words only. No text that was received or configured can become one.
class public_word {
public:
    consteval public_word(const char* literal) : text_(literal) {}
    static public_word of(poll_result value) { return public_word(to_string(value)); }
    static public_word of(lag_result value) { return public_word(to_string(value)); }

    std::string_view text() const { return text_; }

private:
    explicit public_word(std::string_view word) : text_(word) {}

    std::string_view text_;
};

/// A code of the cloud's errors, as far as everybody may see it.
class public_code {
public:
    explicit public_code(std::string_view code);
    std::string_view text() const { return {text_.data(), size_}; }

private:
    std::array<char, 16> text_{}; ///< the longest are `APIGW.` and eight digits
    std::size_t size_ = 0;
};

/// What everybody may know of a step: a count, a duration in seconds, a percentage, a word.
using fact_value = std::variant<bool, std::int64_t, double, public_word, public_code>;

struct fact {
    public_word name;
    fact_value value;
};

/// How one step ended.
struct step_result {
    step what = step::names;
    verdict ended = verdict::ok;
    std::string instance = {}; ///< the StarRocks instance that it is about; empty: none
    std::string task = {};     ///< the task; empty: none
    std::string seen = {};     ///< what was seen, for the owner of the account
    std::string advice = {};   ///< what to do; empty: nothing
    std::vector<fact> facts = {};
};

/// A failed step: the failure in words, and as facts.
step_result failed_step(step what, const failure& why);
/// A step that could not be made, and why.
step_result skipped_step(step what, std::string why);

/// The worst verdict: `fail`, else `warn`, else `ok`.
verdict worst_of(const std::vector<step_result>& steps);

} // namespace replmond::doctor
