#pragma once

#include <boost/json/value.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::simulator {

/// How a value comes, if it comes. A word (a stage, a status, a name) is a text whatever is said here.
enum class value_type { text, percent_text, number, boolean }; // "42.5", "42.5%", 42.5, true

/// The letters of a word, and of `true` and `false` as texts. `as_is`: of a name.
enum class letters { lower, capitalised, upper, as_is };

/// Whether a value is sent, and what stands for it.
enum class presence { sent, null, absent, replaced };

/// How one field of one record is written.
struct field_form {
    value_type type = value_type::text;
    letters word = letters::as_is;
    bool padded = false;                   // texts with a blank on either side
    presence value = presence::sent;       // of what is worth saying; never replaced
    presence usual_value = presence::sent; // of what goes without saying; wire.cpp tells what that is
    std::string replacement;               // sent where the usual value is replaced, such as `None`
};

/// A field that the documents do not know, with a value that means nothing.
struct unknown_field {
    std::string key;
    boost::json::value value;
    presence sent = presence::sent;
};

/// How `total_count` is written.
struct count_form {
    value_type type = value_type::text; // or number
    presence value = presence::sent;
};

/// How the list API writes its answer. Each field has one form or several: the record of the task with the
/// ordinal N takes the form N modulo their number, so that a task's record has the same form at every
/// request.
struct wire_form {
    std::map<std::string, std::vector<field_form>, std::less<>> fields; // all ten of a record, none empty
    std::vector<std::vector<unknown_field>> more; // in records, by the same turns; or empty
    std::vector<unknown_field> more_in_list;      // beside `replications`
    count_form total;
    presence empty_list = presence::sent; // `replications` without records
};

/// The fields of a record, in the order of the documents.
const std::vector<std::string>& record_fields();

/// The built-in forms `strings`, `numbers` and `mixed` (README.md shows each); null for other names. The same
/// object at every call.
std::shared_ptr<const wire_form> wire_form_named(std::string_view name);

} // namespace replmond::simulator
