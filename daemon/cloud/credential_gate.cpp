#include "daemon/cloud/credential_gate.hpp"

namespace replmond::cloud {

credential_gate::admission credential_gate::ask(uptime now) {
    if (held(now))
        return admission::held;
    held_until_.reset();
    if (proven_)
        return admission::go;
    if (probing_)
        return admission::wait;
    probing_ = true;
    return admission::go;
}

void credential_gate::accepted(std::uint64_t generation) {
    if (generation != generation_ || held_until_)
        return;
    proven_ = true;
    probing_ = false;
}

bool credential_gate::refused(std::uint64_t generation, uptime now) {
    if (generation != generation_ || held_until_)
        return false; // requests that were under way together are refused together: one hold
    proven_ = false;
    probing_ = false;
    held_until_ = now + credential_hold;
    return true;
}

void credential_gate::undecided(std::uint64_t generation) {
    if (generation == generation_ && !proven_)
        probing_ = false;
}

void credential_gate::changed() {
    ++generation_;
    proven_ = false;
    probing_ = false;
    held_until_.reset();
}

} // namespace replmond::cloud
