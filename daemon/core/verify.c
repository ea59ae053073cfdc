/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One list under one lock. A worker is woken only when at least two jobs wait: one job is done sooner by the collector itself
 * than a futex takes to wake a thread, and on a small machine the woken thread would only push the core from its processor.
 */
#include "daemon/core/verify.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/error.h"

#define THREADS_MAX 16

struct verify_pool {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct verify_job *head, **tail;
	size_t n_waiting, n_running;
	bool stop;
	unsigned n_threads;
	pthread_t threads[THREADS_MAX];
};

void verify_run(struct verify_job *job)
{
	int r;

	envelope_digest(job->bytes, &job->digest);
	job->holds = false;
	job->error = 0;
	if (!job->envelope || !job->has_key)
		return;
	r = envelope_verify(job->envelope, job->key);
	job->holds = r == ENVELOPE_OK;
	job->error = r < 0 ? r : 0;
}

/* With the lock held; the lock is given up while the job runs. */
static void run_one(struct verify_pool *p)
{
	struct verify_job *job = p->head;

	p->head = job->next;
	if (!p->head)
		p->tail = &p->head;
	p->n_waiting--;
	p->n_running++;
	pthread_mutex_unlock(&p->lock);
	verify_run(job);
	pthread_mutex_lock(&p->lock);
	p->n_running--;
}

static void *worker(void *arg)
{
	struct verify_pool *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		if (!p->head) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		run_one(p);
		if (!p->n_running && !p->n_waiting)
			pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int threads_start(struct verify_pool *p, unsigned n)
{
	sigset_t all, before;
	int r = 0;

	/* Signals are the core thread's: a worker inherits a full mask. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (!r && p->n_threads < n && p->n_threads < THREADS_MAX) {
		r = pthread_create(&p->threads[p->n_threads], NULL, worker, p);
		if (!r)
			p->n_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r ? err_raise(-r) : 0;
}

int verify_pool_new(unsigned threads, struct verify_pool **out)
{
	struct verify_pool *p = calloc(1, sizeof *p);
	int r;

	if (!p)
		return err_raise(-ENOMEM);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	p->tail = &p->head;
	r = threads_start(p, threads);
	if (r) {
		verify_pool_free(p);
		return err_pass(r);
	}
	*out = p;
	return 0;
}

struct verify_pool *verify_pool_free(struct verify_pool *p)
{
	if (!p)
		return NULL;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->done);
	pthread_mutex_destroy(&p->lock);
	free(p);
	return NULL;
}

void verify_push(struct verify_pool *p, struct verify_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&p->lock);
	*p->tail = job;
	p->tail = &job->next;
	p->n_waiting++;
	if (p->n_waiting > 1 && p->n_threads)
		pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

void verify_collect(struct verify_pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->head)
		run_one(p);
	while (p->n_running)
		pthread_cond_wait(&p->done, &p->lock);
	pthread_mutex_unlock(&p->lock);
}
