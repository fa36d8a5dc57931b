#include "daemon/net/dial_order.hpp"

#include <algorithm>

namespace replmond::net {
namespace {

bool is_v6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

} // namespace

address_list dial_order(const address_list& given) {
    address_list first_family;
    address_list other_family;
    for (const std::string& address : given) {
        address_list& family = is_v6(address) == is_v6(given.front()) ? first_family : other_family;
        if (std::find(family.begin(), family.end(), address) == family.end())
            family.push_back(address);
    }

    address_list order;
    for (std::size_t i = 0; i < std::max(first_family.size(), other_family.size()); ++i) {
        if (i < first_family.size())
            order.push_back(first_family[i]);
        if (i < other_family.size())
            order.push_back(other_family[i]);
    }
    return order;
}

} // namespace replmond::net
