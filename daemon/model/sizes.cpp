// What things take in memory: for queues that count bytes.
#include "daemon/model/sizes.hpp"

namespace replmond {

std::size_t bytes_of(const event& e) {
    std::size_t bytes = sizeof(event) + e.name.size() + e.message.size() + e.project.size() +
                        e.starrocks_instance.size() + e.task.size();
    for (const auto& [key, value] : e.fields) {
        bytes += sizeof(e.fields.front()) + key.size();
        if (const auto* text = std::get_if<std::string>(&value))
            bytes += text->size();
        else if (const auto* number = std::get_if<decimal>(&value))
            bytes += number->text.size();
    }
    return bytes;
}

} // namespace replmond
