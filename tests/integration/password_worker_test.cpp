#include "daemon/access/password_worker.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace replmond::testing {
namespace {

const std::string hash_of_u = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"; // "U*U"

TEST(PasswordWorker, AnswersInOrder) {
    access::password_worker worker;
    std::vector<bool> answers; // on the worker's thread only, until the last one
    std::promise<void> last;
    for (const char* password : {"U*U", "other", "U*U"})
        worker.ask(hash_of_u, password, [&](bool right) {
            answers.push_back(right);
            if (answers.size() == 3)
                last.set_value();
        });
    last.get_future().wait();
    EXPECT_EQ(answers, (std::vector<bool>{true, false, true}));
}

TEST(PasswordWorker, NoThreadWithoutAQuestion) {
    const access::password_worker worker;
    EXPECT_FALSE(worker.is_busy());
}

TEST(PasswordWorker, EndsWhileQuestionsWait) {
    std::promise<void> first;
    int answered = 0;
    {
        access::password_worker worker;
        for (int i = 0; i < 100; ++i)
            worker.ask(hash_of_u, "other", [&](bool) {
                if (++answered == 1)
                    first.set_value();
            });
        first.get_future().wait();
    }
    EXPECT_GE(answered, 1);
    EXPECT_LT(answered, 100); // those that waited are dropped
}

} // namespace
} // namespace replmond::testing
