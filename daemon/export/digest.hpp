#pragma once

#include "daemon/model/time.hpp"

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>

namespace replmond::exposition {

/// A number that stands for a sequence of values, to tell cheaply whether a text made of them must be made
/// anew. 64 bits: two different sequences share one about never. Of this process only.
class digest {
public:
    void add(std::uint64_t value) {
        value_ = (value_ ^ value) * 0x9e3779b97f4a7c15U; // an odd number: no two values fall together
        value_ ^= value_ >> 32;
    }

    template<class T>
    requires std::is_enum_v<T>
    void add(T value) { add(static_cast<std::uint64_t>(value)); }

    void add(bool value) { add(std::uint64_t{value}); }
    void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }
    void add(timestamp value) { add(static_cast<std::uint64_t>(value.time_since_epoch().count())); }
    void add(std::string_view value) { add(std::uint64_t{std::hash<std::string_view>()(value)}); }

    template<class T>
    void add(const std::optional<T>& value) {
        add(value.has_value());
        if (value)
            add(*value);
    }

    std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 0;
};

} // namespace replmond::exposition
