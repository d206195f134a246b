// gRPC's asynchronous server in C++: any method answers a message with the same message.
//
// Says its version and port in one line, answers on one thread, and ends with its standard input.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>
#include <thread>

namespace {

// Calls that may begin before the thread comes back to ask for more.
constexpr int kWaitingCalls = 256;

// One call, from waiting for it to its status; owned by the completion queue.
class Call {
public:
    Call(grpc::AsyncGenericService &service, grpc::ServerCompletionQueue &queue)
        : service_(service), queue_(queue), stream_(&context_)
    {
        service.RequestCall(&context_, &stream_, &queue, &queue, this);
    }

    void proceed(bool is_ok)
    {
        if (!is_ok || step_ == Step::kAnswered) {
            delete this;
        } else if (step_ == Step::kWaiting) {
            new Call(service_, queue_);
            step_ = Step::kReading;
            stream_.Read(&message_, this);
        } else {
            step_ = Step::kAnswered;
            stream_.WriteAndFinish(message_, grpc::WriteOptions(), grpc::Status::OK, this);
        }
    }

private:
    enum class Step { kWaiting, kReading, kAnswered };

    grpc::AsyncGenericService &service_;
    grpc::ServerCompletionQueue &queue_;
    grpc::GenericServerContext context_;
    grpc::GenericServerAsyncReaderWriter stream_;
    grpc::ByteBuffer message_;
    Step step_ = Step::kWaiting;
};

void answer(grpc::ServerCompletionQueue &queue)
{
    void *tag = nullptr;
    bool is_ok = false;
    while (queue.Next(&tag, &is_ok))
        static_cast<Call *>(tag)->proceed(is_ok);
}

}

int main()
{
    grpc::AsyncGenericService service;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterAsyncGenericService(&service);
    std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (!server)
        return 1;
    for (int i = 0; i < kWaitingCalls; i++)
        new Call(service, *queue);
    std::thread thread(answer, std::ref(*queue));
    std::printf("{\"versions\": {\"C++ gRPC\": \"%s\", \"port\": \"%d\"}}\n",
        grpc::Version().c_str(), port);
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    server->Shutdown();
    queue->Shutdown();
    thread.join();
}
