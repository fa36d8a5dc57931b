#pragma once

#include "daemon/core/doctor/fields.hpp"
#include "daemon/core/doctor/known_names.hpp"
#include "daemon/core/http/message.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace replmond::doctor {

/// What the answers to one call were like.
struct call_form {
    counts answers; ///< by HTTP status; `none`: requests without an answer
    field_forms body;
    field_forms record;
    std::size_t records = 0;
};

/// One form of an answer that was not 200.
struct error_form {
    call of = call::list;
    int status = 0;
    std::string content; ///< json, html, text, empty, other
    std::string code;    ///< as public_error_code() gives it
    std::size_t times = 0;
    field_forms body;
    std::set<std::string> headers; ///< known ones
    std::optional<long> retry_after_seconds;
};

/// The headers of all answers.
struct header_form {
    std::size_t answers = 0;
    counts seen; ///< known ones
    std::size_t others = 0;
    std::map<std::string, std::set<std::string>> rates; ///< values of headers about rates, at most 5 each
    std::size_t throttled = 0;                          ///< answers 429
    std::size_t throttled_with_retry_after = 0;
};

/// Collects what a project's answers are like: types, shapes and known words, never a value. What it holds
/// can be shown to strangers, but for field_names().
class answer_survey {
public:
    void take(call of, const http::http_response& answer);
    /// A request that was not answered.
    void take_unanswered(call of);

    std::map<call, call_form> calls() const;
    std::vector<error_form> errors() const;
    const header_form& headers() const { return headers_; }
    /// The real names of unknown fields, by placeholder: for the owner of the account only.
    const std::map<std::string, std::string>& field_names() const { return unknown_.names(); }

private:
    struct surveyed_call {
        counts answers;
        field_survey body;
        field_survey record;
    };
    struct surveyed_error {
        error_form form;
        field_survey body;
    };
    surveyed_call& survey_of(call of);
    void take_success(call of, const http::http_response& answer);
    void take_error(call of, const http::http_response& answer);
    void take_headers(const http::http_response& answer);

    field_placeholders unknown_;
    std::map<call, surveyed_call> calls_;
    std::map<std::tuple<call, int, std::string, std::string>, surveyed_error> errors_;
    header_form headers_;
};

} // namespace replmond::doctor
