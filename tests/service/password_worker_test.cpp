#include "daemon/service/password_worker.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <future>
#include <system_error>
#include <vector>

namespace replmond::testing {
namespace {

const std::string hash_of_u = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"; // "U*U"

TEST(PasswordWorker, AnswersInOrder) {
    service::password_worker worker;
    std::vector<bool> answers; // on the worker's thread only, until the last one
    std::promise<void> last;
    for (const char* password : {"U*U", "other", "U*U"})
        EXPECT_TRUE(worker.ask(hash_of_u, password, [&](bool right) {
            answers.push_back(right);
            if (answers.size() == 3)
                last.set_value();
        }));
    last.get_future().wait();
    EXPECT_EQ(answers, (std::vector<bool>{true, false, true}));
}

TEST(PasswordWorker, NoThreadWithoutAQuestion) {
    const service::password_worker worker;
    EXPECT_FALSE(worker.is_busy());
}

TEST(PasswordWorker, WithoutAThreadTheNextQuestionTriesAgain) {
    bool has_threads = false;
    service::password_worker worker([&](std::function<void()> work) {
        if (!has_threads)
            throw std::system_error(EAGAIN, std::generic_category());
        return std::thread(std::move(work));
    });
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(worker.ask(hash_of_u, "U*U", [](bool) { ADD_FAILURE() << "it was refused"; }));
    has_threads = true;
    std::promise<bool> answered;
    EXPECT_TRUE(worker.ask(hash_of_u, "U*U", [&](bool right) { answered.set_value(right); }));
    EXPECT_TRUE(answered.get_future().get());
}

TEST(PasswordWorker, EndsWhileQuestionsWait) {
    std::promise<void> first;
    int answered = 0;
    {
        service::password_worker worker;
        for (int i = 0; i < 100; ++i)
            EXPECT_TRUE(worker.ask(hash_of_u, "other", [&](bool) {
                if (++answered == 1)
                    first.set_value();
            }));
        first.get_future().wait();
    }
    EXPECT_GE(answered, 1);
    EXPECT_LT(answered, 100); // those that waited are dropped
}

} // namespace
} // namespace replmond::testing
