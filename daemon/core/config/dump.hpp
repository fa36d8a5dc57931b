#pragma once

#include "daemon/core/config/settings.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace replmond::config {

/// The configuration in force as YAML, with every default written out. Secrets, and the credentials in a
/// proxy's URL, are shown as <secret>; the names of files and variables that hold secrets are no secrets.
/// Made step by step: a thousand instances take longer than the loop may be held.
class dumping {
public:
    explicit dumping(settings in_force);
    dumping(const dumping&) = delete;
    dumping& operator=(const dumping&) = delete;
    ~dumping();

    /// Writes a few projects or instances more; true: all is written.
    bool step();

    std::string text() const; ///< then

private:
    enum class part { begin, projects, instances, end };
    struct emitter;

    settings in_force_;
    part at_ = part::begin;
    std::size_t next_ = 0; ///< of the part
    std::unique_ptr<emitter> out_;
};

} // namespace replmond::config
