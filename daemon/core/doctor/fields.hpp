#pragma once

#include "daemon/core/doctor/known_names.hpp"

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace replmond::doctor {

/// Placeholders for names of fields that nobody knows: `field-1`, `field-2`, … The same name has the same
/// one.
class field_placeholders {
public:
    /// Beyond a thousand names all others share `field-more`.
    std::string of(std::string_view name);
    /// The real names by placeholder, for the owner of the account only.
    const std::map<std::string, std::string>& names() const { return names_; }

private:
    std::map<std::string, std::string, std::less<>> placeholders_;
    std::map<std::string, std::string> names_;
};

/// How many times each came.
using counts = std::map<std::string, std::size_t>;

/// What the values of one field were like (docs/doctor.md, Calls). It holds no value but known words, and the
/// range of percentages and counts.
struct field_form {
    bool known = false;
    std::size_t of = 0; ///< objects that could have had the field
    counts types;       ///< with `absent`
    counts shapes;
    counts words;
    std::size_t padded = 0;
    std::optional<std::pair<double, double>> range;

    std::size_t absent() const;
    /// How often it came, also as null.
    std::size_t came() const { return of - absent(); }
};

/// By path, with placeholders in place of unknown names.
using field_forms = std::map<std::string, field_form>;

/// The shape of a string or a number (docs/doctor.md, Calls), but for `word`.
std::string_view shape_of(std::string_view text);

/// Describes the fields of objects of one kind, however many there are.
class field_survey {
public:
    field_survey(call of, part in) : call_(of), part_(in) {}

    /// Takes in one object. The array called `records`, if that is not empty, is not looked into.
    void take(const boost::json::object& object, field_placeholders& unknown, std::string_view records = {});

    /// The objects taken in.
    std::size_t objects() const;
    /// All fields that came, and those that are expected, where any object was taken in.
    field_forms forms() const;

private:
    struct place {
        std::string path;  ///< real names, compared with the allow-list
        std::string shown; ///< with placeholders
    };
    void take_object(const boost::json::object& object, const place& at, field_placeholders& unknown,
                     std::string_view records);
    void take_value(const boost::json::value& value, const place& at, field_placeholders& unknown);
    void take_scalar(const boost::json::value& value, const place& at, field_form& into) const;

    call call_;
    part part_;
    std::map<std::string, std::size_t> parents_; ///< objects by the path in front of their fields
    std::map<std::string, std::string> parent_of_;
    field_forms fields_;
};

} // namespace replmond::doctor
