// llama.cpp's own time for the tokens of a ranking, through its C API.
//
// usage: engine MODEL THREADS
// A request is {"shape": [reused, prompt, trie, sequences]}: `reused` positions are in the cache
// already, `prompt` positions are read as one batch of embeddings, as a hybrid prompt is, then
// `trie` tokens in `sequences` branches after it, in batches of at most 256 tokens; the last token
// of a branch asks for no logits, the others do. The answer has the milliseconds of the decodes.
#include <llama.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CONTEXT = 8192, SEQUENCES = 256, PROMPT_TOKEN = 42 };

static double milliseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec * 1e-6;
}

static void quiet(enum ggml_log_level level, const char *text, void *data)
{
    (void)level, (void)text, (void)data;
}

// The parameters are the ranker's (Shared/Llama/LlamaContext.swift), but for the sizes of its
// batches: here a prompt is one batch.
static struct llama_context *make_context(struct llama_model *model, int threads)
{
    struct llama_context_params parameters = llama_context_default_params();
    parameters.n_ctx = parameters.n_batch = CONTEXT;
    parameters.n_seq_max = parameters.n_outputs_max = SEQUENCES;
    parameters.n_threads = parameters.n_threads_batch = threads;
    parameters.kv_unified = true;
    parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    parameters.type_k = GGML_TYPE_F16;
    parameters.type_v = GGML_TYPE_BF16;
    parameters.no_perf = true;
    return llama_init_from_model(model, parameters);
}

static void append(struct llama_batch *batch, int position, int sequence, int logits)
{
    int i = batch->n_tokens++;
    if (batch->token)
        batch->token[i] = PROMPT_TOKEN + position % 1000;
    batch->pos[i] = position;
    batch->n_seq_id[i] = 1;
    batch->seq_id[i][0] = sequence;
    batch->logits[i] = logits;
}

static int decode(struct llama_context *context, struct llama_batch *batch)
{
    int code = batch->n_tokens > 0 ? llama_decode(context, *batch) : 0;
    llama_synchronize(context);
    batch->n_tokens = 0;
    return code;
}

static int read_prompt(
    struct llama_context *context, struct llama_batch *batch, int first, int count)
{
    for (int i = 0; i < count; i++)
        append(batch, first + i, 0, i == count - 1);
    return decode(context, batch);
}

static int read_branches(
    struct llama_context *context, struct llama_batch *batch, int prompt, int tokens, int branches)
{
    llama_memory_t memory = llama_get_memory(context);
    for (int b = 0; b < branches; b++) {
        int count = tokens * (b + 1) / branches - tokens * b / branches;
        if (batch->n_tokens + count > SEQUENCES && decode(context, batch) != 0)
            return 1;
        if (b > 0)
            llama_memory_seq_cp(memory, 0, b, 0, prompt);
        for (int i = 0; i < count; i++)
            append(batch, prompt + i, b, i < count - 1);
    }
    return decode(context, batch);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return fprintf(stderr, "usage: engine MODEL THREADS\n"), 64;
    llama_log_set(quiet, NULL);
    struct llama_model *model =
        llama_model_load_from_file(arguments[1], llama_model_default_params());
    struct llama_context *context = model ? make_context(model, atoi(arguments[2])) : NULL;
    if (!context)
        return fprintf(stderr, "engine: cannot load %s\n", arguments[1]), 1;
    int width = llama_model_n_embd(model);
    struct llama_batch rows = llama_batch_init(CONTEXT, width, 1);
    struct llama_batch tokens = llama_batch_init(CONTEXT, 0, 1);
    for (long i = 0; i < (long)CONTEXT * width; i++)
        rows.embd[i] = (float)rand() / (float)RAND_MAX * 0.2f - 0.1f;
    printf("{\"versions\": {\"llama.cpp\": \"C API\"}}\n");
    fflush(stdout);
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        int reused = 0, prompt = 0, trie = 0, branches = 0;
        char *shape = strchr(line, '[');
        if (!shape || sscanf(shape, "[%d,%d,%d,%d", &reused, &prompt, &trie, &branches) != 4
            || reused < 0 || prompt < 1 || reused + prompt > CONTEXT / 2 || trie < branches
            || branches < 1 || branches > SEQUENCES || trie > CONTEXT / 2) {
            printf("{\"error\": \"not a shape that fits\"}\n");
            fflush(stdout);
            continue;
        }
        llama_memory_clear(llama_get_memory(context), false);
        int failed = read_prompt(context, &rows, 0, reused);
        double start = milliseconds();
        failed |= read_prompt(context, &rows, reused, prompt);
        failed |= read_branches(context, &tokens, reused + prompt, trie, branches);
        double end = milliseconds();
        if (failed)
            printf("{\"error\": \"llama_decode failed\"}\n");
        else
            printf("{\"value\": %.3f}\n", end - start);
        fflush(stdout);
    }
    llama_batch_free(rows);
    llama_batch_free(tokens);
    llama_free(context);
    llama_model_free(model);
    return 0;
}
