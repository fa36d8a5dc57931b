#pragma once

#include "daemon/core/config/settings.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace replmond::config {

/// The configuration in force as YAML, with every default written out. Secrets and the credentials in a
/// proxy's URL are shown as <secret> (the contract, HTTP); the names of files and variables that contain
/// secrets are shown. It is made in steps, because a thousand instances would block the loop for too long.
class dumping {
public:
    explicit dumping(settings in_force);
    dumping(const dumping&) = delete;
    dumping& operator=(const dumping&) = delete;
    ~dumping();

    /// Writes some more projects or instances. True: the text is complete.
    bool step();

    std::string text() const; ///< to be called after step() has returned true

private:
    enum class part { begin, projects, instances, end };
    struct emitter;

    settings in_force_;
    part at_ = part::begin;
    std::size_t next_ = 0; ///< the next project or instance of the current part
    std::unique_ptr<emitter> out_;
};

} // namespace replmond::config
